"""What tests ask the desk to write: a goal, a consent, a contact; and what they count afterwards."""

from typing import Any

import pytest

from api.deeds import UNSAID, Deed, Outcome
from auth.access import Verb
from plan.model import AgencyId, EntryId, PersonId, Section
from plan.problem import Problem, Trouble
from tests.support.world import World


def goal(person: str, text: str = "Walk to the shop", section: str | None = None, *restricted_to: str) -> Deed:
    """A goal, as FHIR sends it; `restricted_to`: only these agencies may see it."""
    resource = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": text},
        "subject": {"reference": f"Patient/{person}"},
    }
    restriction = frozenset(AgencyId(name) for name in restricted_to) if restricted_to else UNSAID
    where = Section(section) if section else None
    return Deed(verb=Verb.CREATE, type="Goal", resource=resource, section=where, restriction=restriction)


def again(outcome: Outcome, text: str = "Walk to the park", version: int | None = None) -> Deed:
    """A goal with other words, by somebody who has read `version` of it."""
    deed = goal(outcome.stored.person, text)
    deed.verb, deed.id, deed.section = Verb.UPDATE, outcome.stored.id, outcome.stored.section
    deed.version = outcome.stored.version if version is None else version
    return deed


def away(outcome: Outcome) -> Deed:
    """Delete it."""
    return Deed(verb=Verb.DELETE, type=outcome.stored.type, id=outcome.stored.id)


def native(person: str, kind: str, type_: str, section: str, **body: Any) -> Deed:
    """A new entry in its native form."""
    at = Section(section)
    return Deed(verb=Verb.CREATE, type=type_, person=PersonId(person), kind=kind, body=body, section=at)


def contact(person: str, **body: Any) -> Deed:
    """Somebody in the person's life."""
    return native(person, "contact", "RelatedPerson", "about_me", **{"name": "Kim", **body})


def consent(person: str, decision: str, sections: list[str], *to: dict[str, str], **more: Any) -> Deed:
    """What the person allows or forbids."""
    body = {"decision": decision, "status": "active", "to": list(to), "sections": sections, **more}
    return native(person, "consent", "Consent", "about_me", **body)


async def count(world: World, table: str, where: str = "1 = 1", *values: object) -> int:
    """How many rows there are."""
    return int((await world.database.rows(f"select count(*) from {table} where {where}", values))[0][0])


async def counts(world: World) -> dict[str, int]:
    """How many rows every table of plans has."""
    tables = ("person", "entry", "entry_version", "change", "whereabouts", "identifier", "team_member", "search_token")
    return {table: await count(world, table) for table in tables}


async def refused(doing: Any, trouble: Trouble) -> Problem:
    """Do it, and insist that it is refused so."""
    with pytest.raises(Problem) as raised:
        await doing
    assert raised.value.trouble is trouble, raised.value
    return raised.value


def entry(outcome: Outcome) -> EntryId:
    """Its id."""
    return outcome.stored.id
