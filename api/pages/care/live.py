"""What changed since a page was opened."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
