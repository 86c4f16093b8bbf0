"""Messages, referrals and findings: what was asked, by when, and what came of it."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
