"""Plays events against a service: each through the desk, in the name of who did it, with the clock where they happened.

Between two events the worker does what falls due, at the moment at which it does. What the service refuses is kept with
the reason: a simulation has people in it who try what is not allowed. Nothing here looks at what is said to be true.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from api.deeds import Deed, Visit
from api.service import Service
from api.simulation import directory, steps
from api.simulation.events import Event
from api.simulation.town import SEATS, Estate, Resident
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from fhir_facade import exact, intake
from fhir_facade.drafts import ENVELOPE
from fhir_facade.faces import FACES
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Stored, Subject
from plan.problem import Problem

SOURCE: Final = "simulation"
SCOPES: Final = "user/*.cruds"
MOMENT: Final = 1001
"""Milliseconds after an event at which the worker looks: rules wait for what comes together."""
_DONE_ELSEWHERE: Final = frozenset({"tidy"})


@dataclass(slots=True)
class Player:
    """One run. `refused`: the events that the service did not take, with its reason."""

    service: Service
    who: dict[str, Resident]
    now: int = 0
    refused: list[tuple[Event, str]] = field(default_factory=list)
    played: int = 0

    def __post_init__(self) -> None:
        self.service.desk.store.clock = lambda: self.now

    async def open(self, estate: Estate, at: int) -> None:
        """The directory of an estate."""
        self.now = at
        for agency, type_, page in directory.pages(estate):
            deed = Deed(verb=Verb.CREATE, type=type_, id=EntryId(page["id"]), resource=page, settled=True)
            await self.service.desk.write(
                self.acting(Role.ADMINISTRATOR, AgencyId(agency), f"directory-{agency}"), [deed]
            )

    async def play(self, events: Iterable[Event]) -> None:
        """All of them, in their order."""
        for event in events:
            await self.wait(event.at)
            if event.do in steps.STEPS:
                await self._do(event)

    async def wait(self, until: int) -> None:
        """Let the time pass until a moment: what falls due on the way is done when it does."""
        feed = self.service.feed
        kinds = tuple(kind for kind in feed.kinds if kind not in _DONE_ELSEWHERE)
        while jobs := await feed.store.due(until, kinds, 1):
            self.now = max(self.now, jobs[0].due)
            await feed.turn()
        self.now = max(self.now, until)

    async def _do(self, event: Event) -> None:
        try:
            await steps.STEPS[event.do](self, event)
            self.played += 1
        except Problem as problem:
            self.refused.append((event, str(problem)))
        self.now += MOMENT
        await self.service.feed.turn()

    # in whose name

    def acting(self, role: Role, agency: AgencyId, subject: str, person: PersonId | None = None) -> Visit:
        """Somebody at the desk."""
        caller = Caller(
            subject=Subject(subject), agency=agency, role=role, scopes=parse(SCOPES), person=person, client=SOURCE
        )
        return Visit(caller=caller, door="cli", request=f"{SOURCE}-{self.now}")

    def visit(self, event: Event) -> Visit:
        """Who does it: a worker of the person's estate, the person, or their carer."""
        who = self.who[event.person]
        if event.by == who.id:
            return self.acting(Role.PERSON, AgencyId(who.id), who.id, who.id)
        if event.by == who.carer_id:
            return self.acting(Role.CARER, AgencyId(who.carer_id), who.carer_id)
        kind = next(kind for kind in SEATS if who.estate.worker(kind) == event.by)
        return self.acting(SEATS[kind].role, who.estate.agency(kind), event.by)

    def agency(self, event: Event, kind: str) -> dict[str, str]:
        """An agency of the person's estate, as a Party."""
        return {"reference": f"Organization/{self.who[event.person].estate.agency(kind)}"}

    # what is written

    @staticmethod
    def id(person: str, name: str) -> EntryId:
        """The id of an entry by its name in the events."""
        return intake.derived(SOURCE, f"{person}/{name}")

    async def make(self, event: Event, kind: str, name: str, body: dict[str, Any], section: Section) -> None:
        """A new entry."""
        deed = Deed(
            verb=Verb.CREATE,
            type=FACES[kind].type,
            id=self.id(event.person, name),
            person=PersonId(event.person),
            kind=kind,
            body=body,
            section=section,
        )
        await self.service.desk.write(self.visit(event), [deed])

    async def change(self, event: Event, there: Stored, **fields: Any) -> None:
        """An entry that is there, with some of its fields anew; None takes one away."""
        body = {**self.body(there), **fields}
        deed = Deed(
            verb=Verb.UPDATE,
            type=there.type,
            id=there.id,
            person=there.person,
            kind=there.kind,
            body={name: value for name, value in body.items() if value is not None},
            version=there.version,
        )
        await self.service.desk.write(self.visit(event), [deed])

    async def entry(self, event: Event, kind: str, name: str) -> Stored:
        """An entry by its name in the events."""
        return await self.service.desk.entry(
            self.visit(event), PersonId(event.person), kind, self.id(event.person, name)
        )

    async def find(self, event: Event, kind: str, **said: Any) -> Stored:
        """The entry of a kind that says so, the newest of several. Raises Problem where the caller sees none."""
        found = await self.service.desk.kind(self.visit(event), PersonId(event.person), kind, None)
        named = [one for one in found if all(self.body(one).get(name) == value for name, value in said.items())]
        if not named:
            raise steps.nothing(kind)
        return named[-1]

    @staticmethod
    def body(stored: Stored) -> dict[str, Any]:
        """The native form without what the service says of it."""
        said = exact.stored(stored.body)
        return {name: value for name, value in said.items() if name not in ENVELOPE}

    def written(self, at: int | None = None) -> str:
        """A moment as bodies hold it."""
        return datetime.fromtimestamp((self.now if at is None else at) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
