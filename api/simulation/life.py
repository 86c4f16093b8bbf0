"""One life in the simulation: its dice, and what has happened in it so far."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from api.simulation.events import Event
from api.simulation.parameters import PARAMETERS
from api.simulation.town import Resident

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@dataclass(slots=True, kw_only=True)
class Life:
    """What happens to one person between two moments, drawn by dice of their own: nobody's luck moves another's."""

    who: Resident
    start: int
    end: int
    dice: Random
    events: list[Event] = field(default_factory=list)
    away: list[tuple[int, int]] = field(default_factory=list)

    def at_home(self, at: int) -> bool:
        """Whether they are: who is in hospital has no visits."""
        return not any(start <= at < until for start, until in self.away)

    def does(self, at: int, by: str, do: str, **said: Any) -> None:
        """Something happens; what would happen after the end does not. `by`: a kind of agency, `person` or `carer`."""
        if self.start <= at < self.end:
            own = {"person": self.who.id, "carer": self.who.carer_id}
            worker = own.get(by) or self.who.estate.worker(by)
            self.events.append(Event(at=at, person=self.who.id, by=worker, do=do, said=said))

    def truth(self, at: int, **said: Any) -> None:
        """Something is so."""
        self.does(at, "person", "truth", **said)

    def chance(self, name: str) -> bool:
        """Whether it comes to this, by its parameter."""
        return self.dice.random() < PARAMETERS[name]

    def wait(self, name: str, unit: int) -> int:
        """Milliseconds of a wait whose mean is a parameter: at least a minute, to the minute."""
        return max(round(self.dice.expovariate(1 / PARAMETERS[name]) * unit / MINUTE), 1) * MINUTE

    def days(self) -> range:
        """The days of this life, as numbers."""
        return range(1, (self.end - self.start) // DAY)
