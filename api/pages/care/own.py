"""The person's own view: their words, who looked, what they allow."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
