"""The readiness of one stay as a caller may see it: the gate, its items, and who is reached about each.

Both doors ask here. What is computed is computed from what the caller sees; the read leaves its event at the desk.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.deeds import Visit
from api.desk import Desk
from fhir_facade.drafts import moment
from plan.discharge_facts import Stay, agency, stay
from plan.discharge_gate import Gate, gate
from plan.discharge_items import Held, is_short
from plan.discharge_leaving import departure_key, override
from plan.known import Entry, Known
from plan.model import EntryId, Json, PersonId
from plan.problem import Fault, Problem, Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """A stay, and its gate now."""

    known: Known
    stay: Stay
    gate: Gate

    @property
    def reference(self) -> str:
        """How others refer to the stay."""
        return self.stay.reference

    def told(self) -> dict[str, Json]:
        """It as JSON: the gate, what it was computed from, and every item with owner, telephone and time."""
        lists = {name: list(getattr(self.gate, name)) for name in ("open", "stale", "reasons", "evaluated_on")}
        body, decided = self.stay.entry.body, override(self.known, self.stay)
        left = self.known.made(departure_key(self.stay))
        return _there(
            {
                "stay": self.reference,
                "state": str(self.gate.state),
                "at": moment(self.gate.at),
                "planned_discharge": body.get("planned_discharge"),
                "notice": body.get("notice"),
                "short_notice": is_short(self.stay),
                "closed": self.stay.closed or None,
                "override": decided.reference if decided else None,
                "departure": left.reference if left else None,
                **lists,
                "items": [self._item(one) for one in self.gate.items],
            }
        )

    def _item(self, one: Held) -> dict[str, Json]:
        said: Mapping[str, Any] = one.entry.body if one.entry else {}
        reached = agency(self.known, one.agency).contacts.get("team")
        return _there(
            {
                "item": one.code,
                "title": one.title,
                "state": str(one.state),
                "blocking": one.blocking,
                "agency": str(one.agency),
                "who": dict(one.who),
                "phone": reached.phone or None if reached else None,
                "due": None if one.due is None else moment(one.due),
                "task": one.entry.reference if one.entry else None,
                "version": one.entry.version if one.entry else None,
                "reason": said.get("reason"),
                "starts": said.get("starts"),
                "answered": said.get("answered"),
            }
        )


async def readiness_of(desk: Desk, visit: Visit, person: PersonId, id_: EntryId) -> Readiness:
    """The readiness of one stay. Raises NOT_FOUND for what is no stay of this person that the caller may see."""
    known = await desk.known(visit, person)
    entry = known.entries.get(id_)
    if entry is None or entry.kind != "stay":
        raise Problem(Trouble.NOT_FOUND)
    return of(known, entry)


def of(known: Known, entry: Entry) -> Readiness:
    """The readiness of a stay that is known."""
    found = stay(known, entry)
    return Readiness(known=known, stay=found, gate=gate(known, found))


def item_of(found: Readiness, visit: Visit, name: str) -> Entry:
    """An item by the id of its entry, or by its code: then the caller's own, or the only one. Raises NOT_FOUND."""
    named = [one for one in found.gate.items if one.entry and name in (one.entry.id, one.code)]
    own = [one for one in named if one.agency == visit.caller.agency]
    chosen = own if len(named) > 1 else named
    if len(chosen) == 1 and chosen[0].entry:
        return chosen[0].entry
    if len(named) > 1:
        what = "more than one agency answers for this item"
        raise Problem(Trouble.MANY, what, (Fault(what, mend="Send the id of the entry, as `task` has it."),))
    what = f"the stay has no open item {name!r}"
    raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend="Read the readiness of the stay for its items."),))


def _there(said: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in said.items() if value is not None}
