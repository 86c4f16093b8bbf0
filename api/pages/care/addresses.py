"""Where things are on the pages: the address of what an entry is best read and acted on at."""

from collections.abc import Mapping
from typing import Any, Final

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
    about = next((str(entry.body[name]) for name in ("stay", "focus") if name in entry.body), "")
    return of_kind(known.person, entry.section, entry.kind, entry.id, about)


def of_kind(person: PersonId, section: str, kind: str, id_: str, about: str = "") -> str:
    """The page of an entry of a kind. `about`: `Type/id` of the stay or message that it belongs to, if any."""
    base, (type_, _, whose) = of_person(person), about.partition("/")
    if kind in _OWN:
        return f"{base}/{_OWN[kind]}/{id_}"
    if kind == "readiness":
        return of_item(person, whose, id_)
    if kind == "ask" and type_ == "Communication":
        return f"{base}/messages/{whose}"
    if kind == "section":
        return of_section(person, section)
    return f"{base}/entries/{section}/{kind}/{id_}"


def of_needed(needed: Mapping[str, Any]) -> str:
    """Where one thing of GET /v1/attention is acted on."""
    person, about, id_ = PersonId(needed["person"]), needed.get("about", ""), needed["reference"].partition("/")[2]
    section, _, kind = needed["link"].partition("/sections/")[2].removesuffix(f"/{id_}").partition("/")
    if needed["kind"] == "referral":
        return f"{of_person(person)}/referrals/{about.partition('/')[2]}"
    return of_kind(person, section, kind or "section", id_, about)


def of_stay(person: PersonId, stay: str) -> str:
    """The page of a stay and its discharge."""
    return f"{of_person(person)}/stays/{stay}"


def of_item(person: PersonId, stay: str, item: str) -> str:
    """Where an item of a discharge is answered."""
    return f"{of_stay(person, stay)}/items/{item}"


def of_section(person: PersonId, section: str) -> str:
    """The page of a section."""
    return f"{of_person(person)}/sections/{section}"
