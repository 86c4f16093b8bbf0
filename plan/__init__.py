"""The plan itself, in plain Python: no web, no database, no FHIR."""
