"""Where things are on the pages: the address of what an entry is best read and acted on at."""

from typing import Final

from plan.known import Entry, Known
from plan.model import PersonId

PEOPLE: Final = "/care/people"
_OWN: Final = {"message": "messages", "finding": "findings", "referral": "referrals", "stay": "stays"}
"""Kinds with a page of their own, by the word of its address."""


def of_person(person: PersonId) -> str:
    """The plan of a person."""
    return f"{PEOPLE}/{person}"


def of_entry(known: Known, entry: Entry) -> str:
    """The page of an entry: its own kind's where it has one, else the one that every entry has."""
    base = of_person(known.person)
    if entry.kind in _OWN:
        return f"{base}/{_OWN[entry.kind]}/{entry.id}"
    if entry.kind == "readiness":
        stay = str(entry.body.get("stay", "")).partition("/")[2]
        return f"{base}/stays/{stay}/items/{entry.id}"
    if entry.kind == "ask" and str(entry.body.get("focus", "")).startswith("Communication/"):
        return f"{base}/messages/{str(entry.body['focus']).partition('/')[2]}"
    if entry.kind == "section":
        return of_section(known.person, entry.section)
    return f"{base}/entries/{entry.section}/{entry.kind}/{entry.id}"


def of_section(person: PersonId, section: str) -> str:
    """The page of a section."""
    return f"{of_person(person)}/sections/{section}"
