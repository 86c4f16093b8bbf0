"""`oneplan demo larch-court`: the month is played against a service of its own, and what it says of the eight is told.

Nothing is written down here: the gate is the departure that the service kept, and who was told is in the messages that
it had sent before. So a row that is taken out of the table of readiness lets its case through.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.service import Service, started, stopped
from api.settings import Settings
from api.simulation import larch_court
from api.simulation.events import moment
from api.simulation.larch_court import CASES, ESTATE, STAY, Case
from api.simulation.life import HOUR
from api.simulation.player import Player
from api.simulation.stream import BEGINS
from api.simulation.town import SEATS, Resident
from db.migrate import upgrade
from fhir_facade import exact
from plan.model import PersonId, Section

_ASKED: Final = ("Reminder", "Escalation", "Escalation to the discharge hub")
"""The topics of the messages by which an open item is followed up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message about an open item: to whom, and how many hours before the departure."""

    to: str
    topic: str
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the service says of one case. `gate`: at departure; `open`: what it names; `told`: whom it had told."""

    case: Case
    gate: str
    open: tuple[str, ...]
    told: tuple[Told, ...]
    failed: bool

    @property
    def stopped(self) -> bool:
        """Whether the gate would have held it."""
        return self.gate == "not_ready"

    @property
    def escalated(self) -> bool:
        """Whether somebody beyond the owner of the item was told before the departure."""
        return any(one.topic != _ASKED[0] for one in self.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The eight, and how many events the month had."""

    outcomes: tuple[Outcome, ...]
    events: int
    refused: int
    departures: int
    ready: int


async def month(seed: int, *, everybody: bool = True) -> Month:
    """Play the month on an embedded database in a temporary folder. `everybody` False: the eight alone."""
    with tempfile.TemporaryDirectory(prefix="larch-court-") as folder:
        url = f"sqlite:///{Path(folder) / 'oneplan.db'}"
        upgrade(url)
        settings = Settings(database=url, worker_database="", owner_database="", development_key=Path(folder) / "key")
        service = await started(settings)
        try:
            return await _played(service, seed, everybody=everybody)
        finally:
            await stopped(service)


async def _played(service: Service, seed: int, *, everybody: bool) -> Month:
    who = {one.id: one for one in larch_court.people()}
    flats = {case.flat for case in CASES}
    events = [one for one in larch_court.events(seed) if everybody or who[PersonId(one.person)].flat in flats]
    play = Player(service, {str(id_): one for id_, one in who.items()})
    await play.open(ESTATE, BEGINS)
    await play.play(events)
    by_flat = {one.flat: one for one in who.values()}
    outcomes = [await _outcome(play, by_flat[case.flat], case) for case in CASES]
    there = {event.person for event in events}
    gates = [state for one in who.values() if one.id in there for state in await _gates(play, one)]
    return Month(
        outcomes=tuple(outcomes),
        events=play.played,
        refused=len(play.refused),
        departures=len(gates),
        ready=gates.count("ready"),
    )


async def _gates(play: Player, who: Resident) -> list[str]:
    return [str(one.get("state")) for one in await _read(play, who, "departure")]


async def _outcome(play: Player, who: Resident, case: Case) -> Outcome:
    """What is in the plan now of one case."""
    stay = f"Encounter/{play.id(who.id, STAY)}"
    left = next(one for one in await _read(play, who, "departure") if one["stay"] == stay)
    gate, leaves = left["gate"], moment(case.leaves)
    told = [
        Told(to=one["to"][0].get("name", ""), topic=one["topic"]["text"], hours=(leaves - moment(one["sent"])) / HOUR)
        for one in await _read(play, who, "message")
        if one.get("topic", {}).get("text") in _ASKED and stay in one["about"] and moment(one["sent"]) <= leaves
    ]
    failed = [one for one in await _read(play, who, "failed_discharge") if one["stay"] == stay]
    held = (*gate.get("open", ()), *gate.get("stale", ()))
    return Outcome(case=case, gate=left["state"], open=held, told=tuple(told), failed=bool(failed))


async def _read(play: Player, who: Resident, kind: str) -> Sequence[dict[str, Any]]:
    """The bodies of a kind, as the hospital reads them."""
    hospital = play.acting(SEATS["hospital"].role, who.estate.agency("hospital"), who.estate.worker("hospital"))
    found = await play.service.desk.kind(hospital, who.id, kind, Section.TRANSITIONS)
    return [exact.stored(one.body) for one in found]


def table(found: Month) -> str:
    """The eight as lines that are read across, and what they come to."""
    heads = ("Flat", "What happened", "What would have held it", "Gate", "Escalated before departure")
    rows = [heads, *(_row(one) for one in found.outcomes)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    held, told = (sum(map(said, found.outcomes)) for said in (lambda o: o.stopped, lambda o: o.escalated))
    lines.insert(1, "  ".join("-" * width for width in widths))
    count = len(found.outcomes)
    lines += [
        "",
        f"{count} discharges failed: the gate was not ready at {held}, and {told} were escalated before departure.",
        f"{found.departures} departures in all, {found.ready} with the gate ready.",
        f"{found.events} events were played; the rules of the plan refused {found.refused}.",
    ]
    return "\n".join(lines)


def _row(one: Outcome) -> tuple[str, ...]:
    told = "; ".join(f"{said.to}, {said.hours:.0f} h before" for said in one.told if said.topic != _ASKED[0])
    held = ", ".join(one.open) or "nothing"
    return (str(one.case.flat), one.case.story, held, one.gate.replace("_", " "), told or "nobody")
