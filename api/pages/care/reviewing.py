"""Review and sign-off: what is signed, as it was when it was read."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
