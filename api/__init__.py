"""The doors: REST, FHIR, and the command line; all of them come to one desk."""
