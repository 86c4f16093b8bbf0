"""C1, C3 and C4: visits that meet at the door, that find nobody home, and that come too late after a discharge."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import combinations

from plan.dates import DATE_ONLY
from plan.known import Entry, Known
from plan.names import opening
from plan.rules import rota
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.said import agency, clock, who
from plan.rules.spans import DAY, EVER, Spell, current, period, said
from plan.rules.words import BED, concept

SOURCE = "docs/coordination.md section 4"
OWNER = "Clinical safety lead"
THERE = frozenset({"arrived", "in_hospital"})
SERVICE = ("status", "provider", "visits", "period")
STAY = ("status", "hospital", "admitted", "planned_discharge", "discharged")


def clash(known: Known, given: Given) -> Iterator[Hit]:
    """Two agencies at the door at one time, which neither of them has marked as meant."""
    for one, other in combinations(rota.services(known), 2):
        if agency(one) != agency(other):
            yield from _meet(one, other, known)


def _meet(one: Entry, other: Entry, known: Known) -> Iterator[Hit]:
    common = period(one, known).cut(period(other, known)).cut(Spell(known.now, EVER))
    theirs = [list(rota.calls(side, known, common)) for side in (one, other)]
    for mine in theirs[0]:
        for their in theirs[1]:
            if clashes(mine, their):
                said_ = (rota.says(mine.visit), rota.says(their.visit))
                yield Hit(
                    sides=(one, other),
                    says=said_,
                    detail=opening(
                        f"{who(one, known)} comes {said_[0]}, and {who(other, known)} {said_[1]}: at the same time."
                    ),
                    proposal="Move one of the visits, or mark both as joint if they are meant to meet.",
                )
                return


def clashes(one: rota.Call, other: rota.Call) -> bool:
    """Whether two visits are at one time, and neither is marked as meant to meet the other."""
    return one.overlaps(other) and not (one.visit.get("joint") or other.visit.get("joint"))


def away(known: Known, given: Given) -> Iterator[Hit]:
    """Visits to somebody who is in hospital."""
    for stay in known.of("stay"):
        spell = in_hospital(stay, known)
        for service in rota.services(known) if spell else ():
            assert spell is not None
            if agency(service) == hospital_of(stay):
                continue
            first = next(rota.calls(service, known, spell.cut(Spell(known.now, EVER))), None)
            if first:
                yield Hit(
                    sides=(service, stay),
                    says=(_rota(service), _stay(stay)),
                    detail=opening(f"{who(service, known)} comes {_rota(service)}, while the person is in hospital."),
                    proposal=opening(f"{who(service, known)} pauses the visits until the person is home."),
                )


def in_hospital(stay: Entry, known: Known) -> Spell | None:
    """From the admission to the discharge, as far as it is planned; a plan that has passed ends nothing."""
    body = stay.body
    came = said(body.get("admitted"), known.zone)
    left = said(body.get("discharged") or body.get("planned_discharge"), known.zone)
    if body.get("status") == "planned":
        return Spell(came.low, left.low - 1) if came and left else None
    if body.get("status") not in THERE:
        return None
    low = came.low if came else -EVER
    return Spell(low, left.low - 1 if left and left.low > known.now else EVER)


def hospital_of(stay: Entry) -> str:
    """The agency that a stay is at: the hospital that it names, or whose entry it is."""
    reference = str((stay.body.get("hospital") or {}).get("reference", ""))
    return reference.removeprefix("Organization/") or str(stay.agency)


def _rota(service: Entry) -> str:
    return "; ".join(rota.says(visit) for visit in service.body["visits"])


def _stay(stay: Entry) -> str:
    until = stay.body.get("discharged") or stay.body.get("planned_discharge")
    return f"in hospital from {stay.body.get('admitted', 'now')} until {until or 'not known'}"


def gap(known: Known, given: Given) -> Iterator[Hit]:
    """Somebody who needs help to bed is home, and the first visit comes when the night is over."""
    needs = [entry for entry in known.of("need", "instruction") if _to_bed(entry, known)]
    for stay in known.of("stay") if needs else ():
        home = home_at(stay, known)
        if home is not None:
            yield from _late(stay, home, needs[0], known, given)


def home_at(stay: Entry, known: Known) -> int | None:
    """When the person is home: the planned discharge, or the one of the last day; None where no hour is known."""
    finished = stay.body.get("status") == "finished"
    if not finished and stay.body.get("status") not in (*THERE, "planned", "on_leave"):
        return None
    text = stay.body.get("discharged" if finished else "planned_discharge")
    found = said(text, known.zone) if isinstance(text, str) and len(text) > DATE_ONLY else None
    if found is None or found.low < known.now - DAY:
        return None
    return found.low


def _to_bed(entry: Entry, known: Known) -> bool:
    if concept(entry) not in BED:
        return False
    if entry.kind == "need":
        return entry.body.get("status") in ("active", "recurrence", "relapse")
    return current(entry, known) and entry.body.get("action") in ("do", "give", "encourage")


def _late(stay: Entry, home: int, need: Entry, known: Known, given: Given) -> Iterator[Hit]:
    after = Spell(home, home + rota.WEEK * DAY)
    found = [(call, service) for service in rota.services(known) for call in rota.calls(service, known, after)]
    first = min(found, key=lambda pair: (pair[0].start, pair[1].id), default=None)
    arrival = rota.wall(home, known)
    if not _spends_the_night(arrival, first[0].start if first else None, need, given):
        return
    sides = (stay, first[1], need) if first else (stay, need)
    shown = f"home {arrival:%a %d %B %H:%M}"
    visit = f"first visit {first[0].start:%a %d %B %H:%M}" if first else "no visit"
    hours = f": a gap of {_hours(home, rota.moment(first[0].start, known))} h" if first else ""
    yield Hit(
        sides=sides,
        says=(shown, visit, "needs help to bed") if first else (shown, "needs help to bed"),
        detail=f"The person needs help to bed: {shown}, {visit}{hours}.",
        proposal="Bring the first visit forward to before bedtime, or plan the arrival for another day.",
    )


def _hours(home: int, visit: int) -> str:
    return f"{(visit - home) / 3_600_000:.1f}".removesuffix(".0")


def _spends_the_night(home: datetime, visit: datetime | None, need: Entry, given: Given) -> bool:
    """Whether bedtime passes before anybody comes; who comes home after it needs help at once."""
    bedtime = clock((need.body.get("times") or [given["bedtime"]])[0])
    day = home.replace(hour=0, minute=0, second=0, microsecond=0)
    bed = day + timedelta(minutes=bedtime)
    early = day + timedelta(minutes=clock(given["morning"]))
    if home < early or home > bed:
        bed = home + timedelta(minutes=given["minutes_after_arrival"])
    return visit is None or visit > bed


ROWS = (
    Row(
        id="c01-clash",
        title="Visits at the same time",
        find=clash,
        reads={"service": SERVICE},
        severity=Severity.WARN,
        source=f"{SOURCE}, C1",
        owner=OWNER,
        since=date(2026, 1, 1),
    ),
    Row(
        id="c03-away",
        title="Visits while in hospital",
        find=away,
        reads={"service": SERVICE, "stay": STAY},
        severity=Severity.WARN,
        source=f"{SOURCE}, C3",
        owner=OWNER,
        since=date(2026, 1, 1),
    ),
    Row(
        id="c04-gap",
        title="No help to bed after a discharge",
        find=gap,
        reads={
            "service": SERVICE,
            "stay": STAY,
            "need": ("need", "code", "status"),
            "instruction": ("text", "code", "action", "status", "times", "period"),
        },
        severity=Severity.BLOCKING,
        source=f"{SOURCE}, C4; the first visit is at most two hours after the arrival (section 1)",
        owner=OWNER,
        since=date(2026, 1, 1),
        given={"bedtime": "22:00", "morning": "06:00", "minutes_after_arrival": 120},
    ),
)
