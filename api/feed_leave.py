"""In whose name the worker asks: the owner of a subscription as they were when they last wrote it, under today's rules.

Leave is never remembered: team, consents, restrictions and the charter are asked anew each time. What is remembered is
who asked: agency, role, subject, and what their token allowed.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from api.ids import fresh
from auth.access import Permit, ask
from auth.caller import Caller
from auth.scopes import Scopes, parse
from db.engine import Note
from db.feed import Heard
from db.sight import member
from db.subscriptions import WEBHOOK, Subscribed
from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.notices import Event, Sender
from fhir_facade.subscriptions import plain
from plan.charter import Charter
from plan.model import AgencyId, PersonId, Role, Subject
from plan.subscription import Standing, Wanted
from plan.webhook import Terms

DOOR = "feed"
"""The name of the worker in the audit."""


def owner(caller: Caller) -> tuple[str, str]:
    """Whose a subscription is: of this agency, by this subject."""
    return caller.agency, caller.subject


def words(scopes: Scopes) -> str:
    """What a token allows, as words that read as the same grants again."""
    return " ".join(sorted(grant.word for grant in scopes.grants))


def party(permit: Permit) -> str:
    """Under which name the team of a person knows the owner."""
    caller = permit.caller
    return f"person:{caller.person}" if caller.role is Role.PERSON else member(permit)


def owned(permit: Permit, now: int, before: Subscribed | None, **said: Any) -> Subscribed:
    """A subscription in the name of who writes it now; what was sent of it before goes on. `said`: all else of it."""
    caller = permit.caller
    return Subscribed(
        version=before.version + 1 if before else 1,
        agency=caller.agency,
        subject=caller.subject,
        role=caller.role.value,
        purpose=caller.purpose,
        client=caller.client,
        owner=caller.person or "",
        patient=caller.patient,
        party=party(permit),
        scopes=words(caller.scopes),
        created=before.created if before else now,
        updated=now,
        events=before.events if before else 0,
        sent=before.sent if before else 0,
        **said,
    )


def permit_of(one: Subscribed, charter: Charter) -> Permit:
    """The owner's permit under the charter of today."""
    caller = Caller(
        subject=Subject(one.subject),
        agency=AgencyId(one.agency),
        role=Role(one.role),
        scopes=parse(one.scopes),
        purpose=one.purpose,
        person=PersonId(one.owner) if one.owner else None,
        patient=PersonId(one.patient) if one.patient else None,
        client=one.client,
    )
    return ask(caller, charter)


@lru_cache(maxsize=1024)
def terms_of(text: str) -> Terms:
    """What a stored webhook wants."""
    said = exact.stored(text)
    return Terms(url=said["url"], events=frozenset(said["events"]), description=said.get("description", ""))


@lru_cache(maxsize=1024)
def wanted_of(text: str) -> Wanted:
    """What a stored subscription wants."""
    return plain(exact.stored(text))


def moved(one: Subscribed, status: Standing, now: int, error: str = "") -> Subscribed:
    """The next version of a subscription, which stands elsewhere; `error`: why, as a sentence for its owner."""
    version = one.version + 1
    after = replace(one, status=status.value, version=version, updated=now)
    said = {"error": error} if error else {}
    if one.channel == WEBHOOK:
        terms = {**exact.stored(one.body)}
        terms.pop("error", None)
        return replace(after, body=exact.text(terms | said))
    resource = {**exact.stored(one.fhir), "status": status.value}
    resource.pop("error", None)
    resource["meta"] = {**resource["meta"], "versionId": str(version), "lastUpdated": moment(now)}
    return replace(after, fhir=exact.text(resource | said))


def sender(one: Subscribed) -> Sender:
    """Of which subscription something is told."""
    error = exact.stored(one.fhir).get("error", "")
    topic = wanted_of(one.fhir).topic
    return Sender(base=one.base, id=one.id, topic=topic, status=Standing(one.status), events=one.events, error=error)


def events_of(heard: Iterable[Heard]) -> list[Event]:
    """What was heard as events; what may not be seen has a number and nothing else."""
    return [Event(number=one.number, at=one.at, type=one.type, id=one.entry, action=one.action) for one in heard]


def disclosed(permit: Permit, id_: str, heard: Iterable[Heard], now: int, door: str = DOOR) -> list[tuple[object, ...]]:
    """The audit of a notice: one event for each person whom it tells of, with the sections."""
    sections: dict[str, set[str]] = {}
    for one in heard:
        if one.seen:
            sections.setdefault(one.person, set()).add(one.section)
    return [
        note(permit, "R", id_, now, door).event(person, ",".join(sorted(names)), found=True)
        for person, names in sections.items()
    ]


def note(permit: Permit, action: str, id_: str, now: int, door: str = DOOR, request: str = "") -> Note:
    """What the audit says of something that is done with a subscription."""
    caller = permit.caller
    return Note(
        id=fresh(),
        at=now,
        subject=caller.subject,
        agency=caller.agency,
        role=caller.role.value,
        purpose=caller.purpose,
        client=caller.client,
        action=action,
        door=door,
        type="Subscription",
        target=id_,
        charter=permit.charter_version,
        request=request or id_,
    )
