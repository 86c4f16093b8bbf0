"""The plan page: who this is, what needs the reader now, what changed, and the plan at a glance."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
