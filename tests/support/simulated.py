"""A simulated time put straight into the tables: versions, entries, feed and index, as the store would have them.

What the service itself writes (items, asks, departures, findings) is written here as the events tell of it, so that a
thousand people are there in seconds; the truth of the stream stands in for the rules.
"""

import json
from collections.abc import Iterable
from typing import Any

from api.simulation.events import Event, spelled
from api.simulation.life import DAY, HOUR
from api.simulation.stays import STEPS
from api.simulation.town import SEATS, Resident, residents
from db.engine import Database
from plan.model import PersonId
from tests.support.rows import rows

TYPES = {"stay": "Encounter", "readiness": "Task", "ask": "Task", "goal": "Goal", "departure": "Observation"}
CLOCKS = {"urgent": 2 * HOUR, "soon": DAY, "routine": 5 * DAY}
AT_ONCE = 1000


class Shelf:
    """Everything that is written, in order."""

    def __init__(self, people: int, seed: int) -> None:
        self.who = {one.id: one for one in residents(people, seed)}
        self.versions: list[dict[str, Any]] = []
        self.now: dict[tuple[str, str], dict[str, Any]] = {}
        self.gates: dict[tuple[str, str], str] = {}

    def write(self, event: Event, name: str, kind: str, body: dict[str, Any], **more: Any) -> None:
        """A new version of an entry."""
        key = (event.person, f"{name}-{event.person[-6:]}")
        before = self.now.get(key, {})
        role, agency = self.acting(event)
        row = {
            "person_id": event.person,
            "id": key[1],
            "version": before.get("version", 0) + 1,
            "type": TYPES.get(kind, "Basic"),
            "kind": kind,
            "section": more.get("section") or before.get("section") or "transitions",
            "agency": before.get("agency") or agency,
            "author": event.by,
            "at": event.at,
            "created": before.get("created", event.at),
            "updated": event.at,
            "by_subject": event.by,
            "by_role": role,
            "by_agency": agency,
            "deleted": False,
            "body": json.dumps(body),
            "fhir": "{}",
        }
        self.versions.append(row)
        self.now[key] = row

    def body(self, event: Event, name: str) -> dict[str, Any]:
        """What stands in an entry now."""
        found: dict[str, Any] = json.loads(self.now[event.person, f"{name}-{event.person[-6:]}"]["body"])
        return found

    def acting(self, event: Event) -> tuple[str, str]:
        """In which role, for which agency."""
        if event.by == event.person:
            return "person", "themselves"
        if event.by.startswith("carer-"):
            return "carer", event.by
        estate = self.who[PersonId(event.person)].estate
        kind = next(kind for kind in SEATS if estate.worker(kind) == event.by)
        return SEATS[kind].role.value, estate.agency(kind)

    def party(self, event: Event, kind: str) -> dict[str, str]:
        """An agency of somebody's estate."""
        return {"reference": f"Organization/{self.who[PersonId(event.person)].estate.agency(kind)}"}

    def reference(self, event: Event, type_: str, name: str) -> str:
        """How an entry is referred to."""
        return f"{type_}/{name}-{event.person[-6:]}"


def shelved(events: Iterable[Event], people: int, seed: int) -> Shelf:
    """What the events come to."""
    made, told = Shelf(people, seed), list(events)
    for event in told:
        if event.do == "truth" and "gate" in event.said:
            made.gates[event.person, event.said["stay"]] = event.said["gate"]
    for event in told:
        writing = _WRITING.get(event.do)
        if writing:
            writing(made, event)
    return made


async def stored(database: Database, shelf: Shelf) -> None:
    """Put it all into the tables."""
    people = [{"person_id": id_, "created": 0} for id_ in shelf.who]
    homes = [
        {"person_id": row["person_id"], "entry_id": row["id"], "param": "parent-uprn", "code": parent}
        for row in shelf.now.values()
        if (parent := json.loads(row["body"]).get("parent_uprn"))
    ]
    feed, seq = [], dict.fromkeys(shelf.who, 0)
    for row in shelf.versions:
        seq[row["person_id"]] += 1
        feed.append(row | {"seq": seq[row["person_id"]], "entry_id": row["id"], "action": "update"})
    tables = {
        "person": people,
        "entry": list(shelf.now.values()),
        "entry_version": shelf.versions,
        "change": feed,
        "search_token": homes,
    }
    for table, said in tables.items():
        made = rows(table, said)
        for start in range(0, len(made), AT_ONCE):
            async with database.transaction() as transaction:
                await transaction.change({}, {table: made[start : start + AT_ONCE]})


def _begin(shelf: Shelf, event: Event) -> None:
    shelf.write(event, "person", "person", dict(event.said["body"]), section="frame")


def _write(shelf: Shelf, event: Event) -> None:
    shelf.write(event, event.said["name"], event.said["kind"], dict(event.said["body"]), section=event.said["section"])


def _admit(shelf: Shelf, event: Event) -> None:
    hospital = shelf.party(event, "hospital")
    body = {"status": "in_hospital", "hospital": hospital, "admitted": spelled(event.at)}
    shelf.write(event, event.said["stay"], "stay", body)


def _plan(shelf: Shelf, event: Event) -> None:
    stay, planned = event.said["stay"], event.said["planned"]
    shelf.write(event, stay, "stay", shelf.body(event, stay) | {"planned_discharge": planned})
    who: Resident = shelf.who[PersonId(event.person)]
    due = spelled(event.at + 24 * HOUR)
    for step in STEPS:
        name = f"{stay}-{step.item}"
        new = (event.person, f"{name}-{event.person[-6:]}") not in shelf.now
        if new and step.by not in ("person", "carer") and (not step.when or getattr(who, step.when)):
            body: dict[str, Any] = {
                "item": step.item,
                "what": step.item,
                "stay": shelf.reference(event, "Encounter", stay),
            }
            body = body | {"who": shelf.party(event, step.by), "status": "asked", "due": due}
            shelf.write(event, name, "readiness", body)


def _answer(shelf: Shelf, event: Event) -> None:
    stay, item = event.said["stay"], event.said["item"]
    name, (role, agency) = f"{stay}-{item}", shelf.acting(event)
    key = (event.person, f"{name}-{event.person[-6:]}")
    before = json.loads(shelf.now[key]["body"]) if key in shelf.now else {"item": item, "what": item}
    before |= {"stay": shelf.reference(event, "Encounter", stay)}
    said = {"by": event.by, "agency": agency, "role": role, "at": spelled(event.at)}
    status = "blocked" if event.do == "block" else "confirmed"
    shelf.write(event, name, "readiness", before | {"status": status, "answered": said})


def _leave(shelf: Shelf, event: Event) -> None:
    stay, left = event.said["stay"], spelled(event.at)
    shelf.write(event, stay, "stay", shelf.body(event, stay) | {"status": "finished", "discharged": left})
    state = shelf.gates[event.person, stay]
    body = {"stay": shelf.reference(event, "Encounter", stay), "left": left, "state": state}
    if "override" in event.said:
        body["override"] = f"Task/override-{stay}"
    shelf.write(event, f"left-{stay}", "departure", body)


def _end(shelf: Shelf, event: Event) -> None:
    body = shelf.body(event, event.said["stay"])
    ended = {"status": "cancelled"} if event.do == "cancel" else {"status": "finished", "discharged": spelled(event.at)}
    shelf.write(event, event.said["stay"], "stay", body | ended)


def _fail(shelf: Shelf, event: Event) -> None:
    stay = shelf.reference(event, "Encounter", event.said["stay"])
    body = {"stay": stay, "category": event.said["type"], "at": spelled(event.at)}
    shelf.write(event, f"failed-{event.said['stay']}", "failed_discharge", body)


def _concern(shelf: Shelf, event: Event) -> None:
    name = event.said["message"]
    body = {
        "what": event.said["text"],
        "state": "sent",
        "focus": f"Communication/{name}",
        "to": shelf.party(event, "gp_practice"),
        "asked_by": shelf.party(event, "care_provider"),
        "urgency": event.said["urgency"],
        "started": spelled(event.at),
        "due": spelled(event.at + CLOCKS[event.said["urgency"]]),
        "steps": [_step("sent", event)],
    }
    shelf.write(event, f"ask-{name}", "ask", body, section="social_care")


def _next(shelf: Shelf, event: Event) -> None:
    name = f"ask-{event.said['message']}"
    body, state = shelf.body(event, name), _STATES[event.do]
    shelf.write(event, name, "ask", body | {"state": state, "steps": [*body["steps"], _step(state, event)]})


def _step(state: str, event: Event) -> dict[str, str]:
    return {"state": state, "at": spelled(event.at), "by": event.by, "agency": "somebody"}


def _sign(shelf: Shelf, event: Event) -> None:
    for section in event.said["sections"]:
        shelf.write(event, f"review-{section}", "review", {"signed": "CarePlan/1/_history/1"}, section=section)


def _score(shelf: Shelf, event: Event) -> None:
    body, own = shelf.body(event, event.said["goal"]), event.at % 120_000 == 0
    by = {"reference": f"Patient/{event.person}" if own else "PractitionerRole/somebody"}
    shelf.write(event, event.said["goal"], "goal", body | {"score": event.said["score"], "scored_by": by})


def _truth(shelf: Shelf, event: Event) -> None:
    if "contradiction" in event.said:
        severity = "high" if event.said["contradiction"] == "c05-fluids" else "warn"
        shelf.write(event, _found(event), "finding", {"severity": severity, "status": "open"}, section="health")


def _resolve(shelf: Shelf, event: Event) -> None:
    name = _found(event)
    shelf.write(event, name, "finding", shelf.body(event, name) | {"status": "resolved"})


def _found(event: Event) -> str:
    return f"finding-{'-'.join(event.said['entries'])}"


_STATES = {"see": "seen", "acknowledge": "acknowledged", "answer": "acted", "understood": "closed"}
_WRITING = {
    "begin": _begin,
    "write": _write,
    "admit": _admit,
    "notice": _plan,
    "move": _plan,
    "cancel": _end,
    "die": _end,
    "confirm": _answer,
    "block": _answer,
    "told": _answer,
    "depart": _leave,
    "fail": _fail,
    "concern": _concern,
    **dict.fromkeys(_STATES, _next),
    "sign": _sign,
    "score": _score,
    "truth": _truth,
    "resolve": _resolve,
}
