"""One entry of a plan: all it says in words, who wrote it, what the reader may do with it, and how it came to be.

Its history is read from the versions that the native API tells; what differs between two is said field by field.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.pages.care.addresses import of_entry, of_person
from api.pages.care.names import called, colour, named, status
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS, Changed, Wording, sentence
from fhir_facade.drafts import fields_of
from plan.kinds import KINDS
from plan.known import HOUSE, Entry, Known, moment
from plan.model import PLAN_SECTIONS, Json, Role
from plan.problem import Problem, Trouble

OFFERED: Final = (
    "need",
    "goal",
    "action",
    "service",
    "instruction",
    "equipment",
    "risk",
    "flag",
    "allergy",
    "medicine",
    "prescription",
    "assessment",
    "observation",
    "document",
    "contact",
    "about_me",
    "housing",
    "benefits",
    "contingency",
    "legal",
    "stay",
    "sealed_address",
)
"""Kinds that are written in a form of their fields; the others are written by what one does with them."""
_VERSIONS: Final = 10
_LINKED: Final = 20


class Version(NamedTuple):
    """One version of an entry: who wrote it, when and why, and what differs from the one before."""

    number: int
    at: int | None
    by: str
    why: str
    deleted: bool
    first: bool
    changed: list[Changed]


def section_of(reader: Reader) -> str:
    """The section in the address. Raises NOT_FOUND."""
    said = str(reader.request.path_params["section"])
    if said not in PLAN_SECTIONS:
        raise Problem(Trouble.NOT_FOUND)
    return said


def kind_of(reader: Reader) -> str:
    """The kind in the address, where it may stand in the section in the address. Raises NOT_FOUND."""
    said, section = str(reader.request.path_params["kind"]), section_of(reader)
    if said != "record" and (said not in KINDS or section not in KINDS[said].sections):
        raise Problem(Trouble.NOT_FOUND)
    return said


def entry_of(reader: Reader, known: Known) -> Entry:
    """The entry in the address, where it stands as the address says. Raises NOT_FOUND."""
    found = known.entries.get(reader.entry)
    if found is None or (found.section, found.kind) != (section_of(reader), kind_of(reader)):
        raise Problem(Trouble.NOT_FOUND)
    return found


def page_of(known: Known, entry: Entry) -> str:
    """The page of an entry among all entries, also where its kind has a page of its own."""
    return f"{of_person(known.person)}/entries/{entry.section}/{entry.kind}/{entry.id}"


def native(known: Known, entry: Entry) -> str:
    """The address of an entry in the native API."""
    return f"/v1/people/{known.person}/plan/sections/{entry.section}/{entry.kind}/{entry.id}"


async def leave_of(reader: Reader) -> dict[str, Any]:
    """What the reader may do in this plan, as the native API tells it."""
    told: dict[str, Any] = (await reader.ask("GET", f"/v1/people/{reader.person}/access")).body
    return told


def may_change(reader: Reader, leave: Mapping[str, Any], entry: Entry) -> bool:
    """Whether the page offers to change an entry; whether it is allowed is asked again when it is done."""
    write = leave["sections"][entry.section]["write"]
    if entry.kind not in OFFERED or write == "none":
        return False
    if write == "any":
        return True
    if reader.role in (Role.PERSON, Role.CARER):
        return entry.author == reader.account.subject
    return reader.account.agency in (entry.agency, _doer(entry))


def _doer(entry: Entry) -> str:
    """Whose an action is to do: it is theirs to move on."""
    who = entry.body.get("who")
    said = who.get("reference", "") if entry.kind == "action" and isinstance(who, dict) else ""
    return str(said).removeprefix("Organization/")


async def show(reader: Reader) -> Response:
    """Everything that an entry says."""
    known = await reader.known()
    entry = entry_of(reader, known)
    words, leave = reader.wording(known), await leave_of(reader)
    own = of_entry(known, entry)
    return reader.page(
        "care/entry.html",
        known,
        entry=entry,
        title=named(entry),
        called=called(entry.kind),
        section=SECTIONS[entry.section],
        stands=sentence(status(entry)),
        colour=colour(status(entry)),
        rows=words.rows(entry),
        here=page_of(known, entry),
        own="" if own == page_of(known, entry) else own,
        changes=may_change(reader, leave, entry),
        house=entry.agency == HOUSE,
        only=[words.agency(one) for one in sorted(entry.restriction or ())],
        linked=_linked(known, entry),
    )


def _linked(known: Known, entry: Entry) -> list[tuple[str, str]]:
    """The entries that it refers to and that refer to it, as far as they are seen: address and title."""
    near = [one for one in known.entries.values() if one.reference in set(_references(entry.body))]
    near += [
        one for one in known.entries.values() if one is not entry and entry.reference in set(_references(one.body))
    ]
    found = {of_entry(known, one): named(one) for one in near if one.section != "frame" and one.id != entry.id}
    return list(found.items())[:_LINKED]


def _references(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [one for member in inside for one in _references(member)]


async def history(reader: Reader) -> Response:
    """The versions of an entry, the newest first, each with what it changed."""
    known = await reader.known()
    entry = entry_of(reader, known)
    cursor = reader.request.query_params.get("cursor", "")
    at, query = native(known, entry), {"limit": str(_VERSIONS)} | ({"cursor": cursor} if cursor else {})
    told = (await reader.ask("GET", f"{at}/versions", query=query)).body
    found = told["items"]
    bodies = [one["entry"] for one in found]
    if found and found[-1]["version"] > 1:
        bodies.append((await reader.ask("GET", f"{at}/versions/{found[-1]['version'] - 1}")).body)
    words = reader.wording(known)
    versions = [
        _version(words, one, bodies[number + 1] if number + 1 < len(bodies) else None)
        for number, one in enumerate(found)
    ]
    return reader.page(
        "care/history.html",
        known,
        entry=entry,
        title=named(entry),
        here=page_of(known, entry),
        versions=versions,
        next=told.get("next", ""),
    )


def _version(words: Wording, one: Mapping[str, Any], before: Mapping[str, Json] | None) -> Version:
    now, was = fields_of(one["entry"] or {}), fields_of(before or {})
    by = one["by"]
    return Version(
        number=one["version"],
        at=moment(one["at"]),
        by=words.by_whom(by["role"], by["agency"]),
        why=one.get("why", ""),
        deleted=one["deleted"],
        first=one["version"] == 1,
        changed=words.changed(was, now),
    )


_AT: Final = "/people/{person}/entries/{section}/{kind}/{entry}"
WAYS: tuple[Way, ...] = (Way(_AT, show), Way(f"{_AT}/history", history))
