"""Marks: what somebody had read when a page was made, closed, so that an address tells nothing of times and order."""

from typing import Final

from auth.sign_in.seals import Seals
from db.news import Mark
from plan.known import Known
from plan.model import PersonId

_PURPOSE: Final = "news"


def mark_of(seals: Seals, known: Known) -> str:
    """The mark of what a page shows of a person."""
    newest = max((entry.at for entry in known.entries.values()), default=0)
    return seals.closed(_PURPOSE, {"person": known.person, "newest": newest, "read": known.now})


def marked(seals: Seals, person: PersonId, text: str) -> Mark | None:
    """What a mark of a page about this person says; None for any other text."""
    said = seals.opened(_PURPOSE, text) if text else None
    return Mark(said["newest"], said["read"]) if said and said["person"] == person else None
