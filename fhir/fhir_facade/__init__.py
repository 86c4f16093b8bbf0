"""Plan and FHIR, both directions, pure: the only package that imports fhir.resources."""
