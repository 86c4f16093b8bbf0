"""Emergency access: opening a plan that is closed to one, and the queue of those who look into it."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
