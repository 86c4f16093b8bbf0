"""Sections, their entries and their review: read, added to, changed, signed."""
