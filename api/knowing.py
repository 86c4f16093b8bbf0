"""From what is stored to what the rules of coordination know: entries, team, consents, and the agencies at work."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from api import calendars
from db import knowing, stay_events
from db.engine import Row, Transaction
from db.relations import Member
from fhir_facade import agencies, exact
from fhir_facade.drafts import ENVELOPE
from plan.charter import Charter, Letter
from plan.kinds import PERSON
from plan.known import Agency, Entry, Known, Place
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Stored
from plan.names import mentioned


async def everything(transaction: Transaction, charter: Charter, person: PersonId, now: int) -> Known:
    """All that is known of a person, restricted entries too; for the service's own hand alone."""
    entries = read(await knowing.entries(transaction, person))
    members = await knowing.team(transaction, person)
    rows = await knowing.directory(transaction, (one.party for one in members), mentioned(entries.values()))
    consents = await knowing.rules(transaction, person)
    feeds = await stay_events.feeds(transaction, [AgencyId(one.party) for one in members])
    return known(person, now, entries, members, rows, charter=charter, rules=consents, feeds=feeds)


def known(
    person: PersonId,
    now: int,
    entries: Mapping[EntryId, Entry],
    members: Sequence[Member],
    directory: Sequence[Row],
    *,
    charter: Charter | None = None,
    **more: Any,
) -> Known:
    """What these entries, this team and these pages of the directory come to. `more`: further fields of Known.

    `charter`: for rules that ask who may read or write; without it nobody may.
    """
    identity: Mapping[str, Any] = next((one.body for one in entries.values() if one.kind == PERSON.name), {})
    agencies, names = apart(directory, members)
    return Known(
        person=person,
        now=now,
        entries=entries,
        identity=identity,
        team=tuple(place(one) for one in members),
        agencies=calendars.observed(agencies, now),
        names=names,
        readers=having(charter, Letter.READ) if charter else {},
        writers=having(charter, Letter.CONTRIBUTE) if charter else {},
        **more,
    )


def read(stored: Iterable[Stored]) -> dict[EntryId, Entry]:
    """These entries as the rules see them, by id."""
    return {one.id: entry(one) for one in stored}


def entry(one: Stored) -> Entry:
    """An entry as the rules see it: its native face without the envelope."""
    body = {name: value for name, value in exact.stored(one.body).items() if name not in ENVELOPE}
    return Entry(
        id=one.id,
        type=one.type,
        kind=one.kind,
        section=one.section,
        agency=one.agency,
        version=one.version,
        at=one.at,
        created=one.created,
        author=one.author,
        by_role=one.by_role,
        by_agency=one.by_agency,
        restriction=one.restriction,
        body=body,
    )


def place(one: Member) -> Place:
    """A place on the team as the rules see it."""
    return Place(
        party=one.party,
        role=one.role,
        worker=one.worker,
        basis=one.basis,
        since=one.since,
        until=one.until,
        opens=EntryId(one.opens) if one.opens else None,
        restriction=one.restriction,
    )


def listed(directory: Sequence[Row]) -> dict[AgencyId, Agency]:
    """The agencies of these pages of the directory, each with the services that it provides."""
    pages: dict[str, list[dict[str, Any]]] = {}
    for type_, text in directory:
        pages.setdefault(type_, []).append(exact.stored(text))
    services: dict[str, list[dict[str, Any]]] = {}
    for service in pages.get("HealthcareService", ()):
        services.setdefault(agencies.provider(service), []).append(service)
    made = (agencies.agency(page, services.get(page["id"], ())) for page in pages.get("Organization", ()))
    return {one.id: one for one in made}


def apart(directory: Sequence[Row], members: Iterable[Member]) -> tuple[dict[AgencyId, Agency], dict[AgencyId, str]]:
    """The agencies of the team; of the others on these pages, which the plan only mentions, what they are called."""
    team, found = {one.party for one in members}, listed(directory)
    at_work = {id_: one for id_, one in found.items() if id_ in team}
    return at_work, {id_: one.name for id_, one in found.items() if id_ not in team and one.name}


@cache
def having(charter: Charter, letter: Letter) -> Mapping[Section, frozenset[Role]]:
    """Which roles the charter gives at least this letter in each section."""
    return {
        section: frozenset(role for role in Role if charter.letter(role, section).height >= letter.height)
        for section in Section
    }
