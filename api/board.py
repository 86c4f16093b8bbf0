"""The desk for the discharge board: everybody who is to leave hospital, and what still holds them back.

Five statements, however many people: the stays that are found under the permit, what the gate depends on in those
people's plans, their teams, the agencies, and when the hospitals' feeds were last heard of. The gate is computed from
what the caller may see, by the rule that computes it everywhere (plan.discharge_gate).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api import knowing
from api.deeds import Visit
from api.desk import Desk
from api.stays_asked import TYPE
from auth.access import Verb
from db import knowing as pages
from db import stay_events
from db.knowing_across import teams
from db.store import Hit
from plan.discharge_facts import Stay, agency_of, stay
from plan.discharge_gate import Gate, gate
from plan.discharge_items import DONE, Held
from plan.kinds import PERSON
from plan.known import Known
from plan.model import AgencyId, PersonId, Stored
from plan.query import Query

KINDS = ("stay", "readiness", "finding", "contact", "housing", "equipment", "risk", "need", "observation")
"""What the gate of a discharge depends on."""
KNOWN = (*KINDS, PERSON.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the board: a discharge that is planned, its gate, and what is open of it."""

    known: Known
    stay: Stay
    gate: Gate

    @property
    def waiting(self) -> Mapping[AgencyId, Sequence[Held]]:
        """The blocking items that are not done, by the agency that is to answer for them."""
        found: dict[AgencyId, list[Held]] = {}
        for one in self.gate.items:
            if one.blocking and one.state not in DONE:
                found.setdefault(agency_of(one.who) or one.agency, []).append(one)
        return {id_: found[id_] for id_ in sorted(found)}

    @property
    def next(self) -> int | None:
        """When the next of them is due, or is overdue since; None where nothing is, or nobody says when."""
        due = [one.due for some in self.waiting.values() for one in some if one.due is not None]
        return min((at for at in due if at > self.known.now), default=max(due, default=None))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the board, in the order of time, and where it ended when more follow."""

    lines: tuple[Line, ...]
    after: tuple[str | int, ...]


class Board(Desk):
    """The desk, showing who is to leave hospital."""

    @classmethod
    def of(cls, desk: Desk) -> "Board":
        """The same desk."""
        return cls(desk.store, desk.charter, desk.identity_systems)

    async def discharges(self, visit: Visit, query: Query, waiting_for: str = "") -> Page:
        """The discharges that a search of stays finds; `waiting_for`: only those that wait for this agency.

        Raises REFUSED, TOO_COSTLY. The audit names everybody whom the answer shows.
        """
        page = await self.search(visit, query, "body")
        known = await self._known(visit, page.hits)
        # What has gone since it was found is not shown.
        found = [hit for hit in page.hits if hit.person in known and hit.id in known[hit.person].entries]
        lines = [_line(known[hit.person], hit) for hit in found]
        shown = [line for line in lines if not waiting_for or waiting_for in line.waiting]
        return Page(tuple(shown), page.after)

    async def _known(self, visit: Visit, hits: Sequence[Hit]) -> dict[PersonId, Known]:
        """What the caller may know of the people of a page, as far as gates depend on it."""
        people = dict.fromkeys(hit.person for hit in hits)
        if not people:
            return {}
        permit = await self.leave(visit, Verb.READ, TYPE, "")
        note = replace(self.note(visit, "R", TYPE, ""), refused="")
        database = self.store.database
        by_person: dict[PersonId, list[Stored]] = {}
        for one in await self.store.across(permit, KNOWN, note, people):
            by_person.setdefault(one.person, []).append(one)
        members = await teams(database, permit, people, note.at)
        hospitals = {one.agency for some in by_person.values() for one in some if one.kind == "stay"}
        at_work = hospitals.union(one.party for some in members.values() for one in some)
        listed = knowing.listed(await pages.directory(database, at_work))
        feeds = await stay_events.feeds(database, at_work)
        made = (
            knowing.known(person, note.at, knowing.read(some), members[person], (), charter=self.charter, feeds=feeds)
            for person, some in by_person.items()
        )
        return {one.person: replace(one, agencies=listed) for one in made}


def _line(known: Known, hit: Hit) -> Line:
    one = stay(known, known.entries[hit.id])
    return Line(known=known, stay=one, gate=gate(known, one))
