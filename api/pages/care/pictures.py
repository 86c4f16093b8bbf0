"""Pictures with a table beside each: a timeline, the week, the measures."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
