"""Messages, referrals and findings: what was asked, by when, and what came of it."""

from api.pages.care.talk import findings_page, messages_new, messages_page, referrals_page
from api.pages.care.ways import Way

# What is new has a word where others have an id, so that it stands first.
WAYS: tuple[Way, ...] = (*messages_new.WAYS, *messages_page.WAYS, *referrals_page.WAYS, *findings_page.WAYS)
