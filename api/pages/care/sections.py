"""The whole plan: sections, entries with their history, the team, the documents."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
