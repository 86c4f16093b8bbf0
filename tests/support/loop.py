"""A plan in memory with the rule of the feedback loop, asked until it rests: the engine without its database."""

from dataclasses import replace
from typing import Any

from plan.clocks import written
from plan.feedback import feedback
from plan.known import HOUSE, Agency, Contact, Entry, Known, Opening, Place, Wake, Want, derived, moment
from plan.model import AgencyId, EntryId, PersonId, Role, Section

ADA = PersonId("ada")
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
MONDAY = moment("2026-03-02T09:00:00Z") or 0
KINDS = {
    "RX1": "hospital",
    "P10001": "gp_practice",
    "LA1": "social_care",
    "HC1": "care_provider",
    "HUB1": "discharge_hub",
}
ROLES = {"HUB1": "coordinator"}
TYPES = {"message": "Communication", "ask": "Task", "instruction": "ServiceRequest", "service": "ServiceRequest"}
READERS = {Section.SAFEGUARDING: frozenset({Role.CLINICIAN, Role.SOCIAL_WORKER})}
WRITERS = {
    Section.HEALTH: frozenset({Role.CLINICIAN}),
    Section.SAFEGUARDING: frozenset({Role.CLINICIAN, Role.SOCIAL_WORKER}),
}


def contact(name: str) -> Contact:
    return Contact(reference=f"HealthcareService/{name}", name=name, phone="020 7946 0000")


def agency(id_: str, *, without: tuple[str, ...] = ()) -> Agency:
    words = [word for word in ("team", "duty", "escalation") if f"{id_}-{word}" not in without]
    contacts = {word: contact(f"{id_}-{word}") for word in words}
    hours = (Opening(days=frozenset(range(5)), start=8 * 60, end=18 * 60),)
    return Agency(id=AgencyId(id_), name=f"Test {id_}", kind=KINDS.get(id_, ""), hours=hours, contacts=contacts)


class World:
    """Entries, a clock and a rule that is asked until nothing changes: the engine in few lines."""

    def __init__(self, team=tuple(KINDS), without=(), readers=READERS, writers=WRITERS, **identity: Any) -> None:
        places = tuple(Place(party=one, role=ROLES.get(one, ""), worker=f"worker-of-{one}") for one in team)
        listed = {AgencyId(one): agency(one, without=without) for one in (*team, "RX9")}
        self.known = Known(
            person=ADA,
            now=MONDAY,
            entries={},
            team=places,
            agencies=listed,
            identity=identity,
            readers=readers,
            writers=writers,
        )
        self.wake: int | None = None

    def write(self, id_: str, kind: str, body: dict[str, Any], agency_: str = "HC1", **more: Any) -> Entry:
        there = self.known.entries.get(EntryId(id_))
        said = {"section": Section.SOCIAL_CARE, "author": f"worker-of-{agency_}"} | more
        one = Entry(
            id=EntryId(id_),
            type=TYPES[kind],
            kind=kind,
            agency=AgencyId(agency_),
            version=there.version + 1 if there else 1,
            at=self.known.now,
            created=there.created if there else self.known.now,
            body=body,
            **said,
        )
        self.known = replace(self.known, entries={**self.known.entries, one.id: one})
        return one

    def gone(self, id_: str) -> None:
        left = {key: one for key, one in self.known.entries.items() if key != id_}
        self.known = replace(self.known, entries=left)

    def turn(self, later: int = 0) -> None:
        self.known = replace(self.known, now=self.known.now + later)
        for _ in range(5):
            said = list(feedback(self.known))
            changed = [one for one in said if isinstance(one, Want) and self._wants(one)]
            if not changed:
                self.wake = min(
                    (one.at for one in said if isinstance(one, Wake) and one.at > self.known.now), default=None
                )
                return
        raise AssertionError("the rule does not come to rest")

    def _wants(self, want: Want) -> bool:
        id_ = derived(ADA, want.key)
        there = self.known.entries.get(id_)
        if want.body is None:
            self.gone(id_)
            return there is not None
        if there and (there.body, there.section, there.restriction) == (want.body, want.section, want.restriction):
            return False
        assert not (there and want.kind == "message"), "a notice is written once"
        self.write(id_, want.kind, dict(want.body), HOUSE, section=want.section, restriction=want.restriction)
        return True

    @property
    def asks(self) -> list[Entry]:
        return list(self.known.of("ask"))

    def notices(self, topic: str = "escalation") -> list[Entry]:
        return [one for one in self.known.of("message") if one.body.get("topic", {}).get("code") == topic]

    def told(self, topic: str = "escalation") -> list[str]:
        return [one.body["to"][0].get("reference", one.body["to"][0].get("name")) for one in self.notices(topic)]

    def step(self, state: str, ask: Entry | None = None) -> None:
        one = ask or self.asks[0]
        steps = [*one.body["steps"], {"state": state, "at": written(self.known.now), "by": "x", "agency": "P10001"}]
        more = {"section": one.section, "restriction": one.restriction}
        self.write(one.id, "ask", {**one.body, "state": state, "steps": steps}, HOUSE, **more)


def concern(code: str | None = "1", urgency: str | None = "urgent", **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"text": "Ankles swollen", "status": "sent"}
    said |= {"urgency": urgency} if urgency else {}
    said |= {"concern": {"system": "s", "code": code}} if code else {}
    return said | more


def to(*references: str) -> list[dict[str, str]]:
    return [{"reference": one} for one in references]


PRACTICE = to("Organization/P10001")
