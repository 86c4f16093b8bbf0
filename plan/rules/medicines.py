"""C2, C8 and C9: the same medicine given twice, by nobody or by two, and later than it may be."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from plan.known import Entry, Known
from plan.names import author, opening
from plan.rules import rota
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.said import agency, clock, minutes, organization, who
from plan.rules.spans import current, period, together
from plan.rules.words import fold, key, words

OWNER = "Clinical safety lead"
SOURCE = "docs/coordination.md section 4"
DAY = 24 * 60
TAKEN = ("medicine", "prescription")
MEDICINE = (
    "medicine",
    "code",
    "status",
    "times",
    "as_needed",
    "time_critical",
    "tolerance_minutes",
    "given_by",
    "self_given",
    "period",
)
SERVICE = ("status", "provider", "gives_medicines", "visits", "period")


class Prompt(NamedTuple):
    """One entry by which an agency gives or prompts a medicine, and the minutes of the day in which it does."""

    entry: Entry
    agency: str
    names: frozenset[object]
    at: frozenset[int]


def active(entry: Entry, known: Known) -> bool:
    """Whether a medicine is taken now or will be."""
    return current(entry, known)


def double(known: Known, given: Given) -> Iterator[Hit]:
    """Two agencies give or prompt one medicine so close together that it may be taken twice."""
    prompts = [prompt for prompt in map(_prompt, known.of("instruction", *TAKEN)) if prompt]
    held = [prompt for prompt in prompts if current(prompt.entry, known)]
    for one, other in combinations(held, 2):
        near = one.names & other.names and _near(one.at, other.at, given["minutes_apart"])
        if one.agency != other.agency and near and together(one.entry, other.entry, known):
            said = (_says(one.entry), _says(other.entry))
            yield Hit(
                sides=(one.entry, other.entry),
                says=said,
                detail=opening(
                    f"{_called(one, known)} and {_called(other, known)} both give or prompt it: {said[0]}; {said[1]}."
                ),
                proposal="One of the two agencies gives it, and the other stops.",
            )


def _prompt(entry: Entry) -> Prompt | None:
    body = entry.body
    if entry.kind == "instruction":
        if body.get("topic") != "medicines" or body.get("action") not in ("give", "do", "encourage"):
            return None
        by, names = organization(body.get("source")) or str(entry.agency), _names(body.get("code"))
    else:
        by, names = organization(body.get("given_by")), _names(body.get("code"), body.get("medicine"))
    at = frozenset(clock(time) for time in body.get("times", ())) | (
        minutes(body["window"]) if "window" in body else frozenset()
    )
    return Prompt(entry, by, names, at) if by and names and at else None


def _called(prompt: Prompt, known: Known) -> str:
    """Who gives or prompts, as people call them."""
    own = prompt.agency == prompt.entry.agency
    return author(known, prompt.entry) if own else known.called(prompt.agency)


def _names(code: object, text: object = None) -> frozenset[object]:
    """By what a medicine is known: its code, and its words."""
    return frozenset(name for name in (key(code), words(code), fold(text)) if name)


def _near(one: frozenset[int], other: frozenset[int], apart: int) -> bool:
    return any((mine - theirs) % DAY <= apart or (theirs - mine) % DAY <= apart for mine in one for theirs in other)


def _says(entry: Entry) -> str:
    body = entry.body
    code = body.get("code") or {}
    name = body.get("medicine") or code.get("text") or code.get("display") or body.get("text")
    window = body.get("window")
    times = ", ".join(body.get("times", ())) or (f"between {window['start']} and {window['end']}" if window else "")
    return f"{name} {times}".strip()


def givers(known: Known, given: Given) -> Iterator[Hit]:
    """Nobody gives the medicines, or two agencies do and no medicine says which of them."""
    services = [entry for entry in known.of("service") if current(entry, known)]
    yes = [entry for entry in services if entry.body.get("gives_medicines") is True]
    no = [entry for entry in services if entry.body.get("gives_medicines") is False]
    due = [entry for entry in known.of(*TAKEN) if active(entry, known) and not entry.body.get("as_needed")]
    open_ = [entry for entry in due if "given_by" not in entry.body and entry.body.get("self_given") is not True]
    if open_ or not due:
        yield from _two(yes, known)
    if open_ and not yes and (no or any(entry.body.get("self_given") is False for entry in open_)):
        yield _nobody(open_, no)


def _two(yes: list[Entry], known: Known) -> Iterator[Hit]:
    for one, other in combinations(yes, 2):
        if agency(one) != agency(other) and together(one, other, known):
            yield Hit(
                sides=(one, other),
                says=("gives the medicines", "gives the medicines"),
                detail=opening(f"{who(one, known)} and {who(other, known)} both say that they give the medicines."),
                proposal="One of the two gives them, or each medicine says who gives it.",
            )


def _nobody(due: list[Entry], no: list[Entry]) -> Hit:
    return Hit(
        sides=(*due, *no),
        says=(*("has to be given" for _ in due), *("does not give medicines" for _ in no)),
        detail=f"Nobody gives the medicines: {'; '.join(str(entry.body['medicine']) for entry in due)}.",
        proposal="Agree who gives the medicines before the next dose.",
    )


def late(known: Known, given: Given) -> Iterator[Hit]:
    """A medicine that does harm when late, and no visit at its time by those who give it."""
    for medicine in known.of(*TAKEN):
        body = medicine.body
        waits = active(medicine, known) and body.get("self_given") is not True and not body.get("as_needed")
        if waits and body.get("times") and _critical(medicine, given):
            yield from _missed(medicine, known, given)


def _critical(medicine: Entry, given: Given) -> bool:
    said = medicine.body.get("time_critical")
    if said is not None:
        return bool(said)
    named = f"{fold(medicine.body.get('medicine'))} {words(medicine.body.get('code'))}"
    return any(name in named for name in given["time_critical"])


def _missed(medicine: Entry, known: Known, given: Given) -> Iterator[Hit]:
    services = _coming(medicine, known)
    tolerance = medicine.body.get("tolerance_minutes", given["tolerance_minutes"])
    missed = [time for time in medicine.body["times"] if not _met(time, medicine, services, known, tolerance)]
    if services and missed:
        come = "; ".join(rota.says(visit) for service in services for visit in service.body["visits"])
        name = medicine.body["medicine"]
        yield Hit(
            sides=(medicine, *services),
            says=(
                f"{name} due {', '.join(medicine.body['times'])}, at most {tolerance} minutes early or late",
                *("; ".join(rota.says(visit) for visit in service.body["visits"]) for service in services),
            ),
            detail=f"{name} is due at {', '.join(missed)}, and nobody comes then: {come}.",
            proposal="Move the visits to the times of the medicine, or ask the prescriber about its times.",
        )


def _coming(medicine: Entry, known: Known) -> list[Entry]:
    """Whose visits bring it: those of the agency that gives it, or of all who give medicines, or who do not say."""
    services = [entry for entry in rota.services(known) if period(entry, known).meets(period(medicine, known))]
    if "given_by" in medicine.body:
        by = organization(medicine.body["given_by"])
        return [entry for entry in services if agency(entry) == by]
    said = [entry for entry in services if entry.body.get("gives_medicines") is True]
    return said or [entry for entry in services if "gives_medicines" not in entry.body]


def _met(time: str, medicine: Entry, services: list[Entry], known: Known, tolerance: int) -> bool:
    """Whether every day of the coming week has a visit at this time, by the clock on the wall."""
    due = clock(time)
    return all(any(_covers(visit, day, due, tolerance) for visit in _visits(services)) for day in range(7))


def _visits(services: list[Entry]) -> Iterator[dict[str, object]]:
    for service in services:
        yield from service.body["visits"]


def _covers(visit: dict[str, object], day: int, due: int, tolerance: int) -> bool:
    """Whether a visit is there at a minute of a day of the week, within the tolerance; it may pass midnight."""
    days = [rota.NAMES.index(str(name)) for name in visit.get("days", rota.NAMES)]  # type: ignore[attr-defined]
    start, length = clock(str(visit["start"])), int(str(visit.get("minutes", 0)))
    week = 7 * DAY
    for each in days:
        begin = each * DAY + start - tolerance
        if (day * DAY + due - begin) % week <= length + 2 * tolerance:
            return True
    return False


ROWS = (
    Row(
        id="c02-double",
        title="The same medicine by two agencies",
        find=double,
        reads={
            "instruction": ("topic", "action", "status", "code", "times", "window", "source", "period"),
            "medicine": MEDICINE,
            "prescription": MEDICINE,
        },
        severity=Severity.HIGH,
        source=f"{SOURCE}, C2",
        owner=OWNER,
        since=date(2026, 1, 1),
        given={"minutes_apart": 120},
    ),
    Row(
        id="c08-givers",
        title="Who gives the medicines",
        find=givers,
        reads={"service": SERVICE, "medicine": MEDICINE, "prescription": MEDICINE},
        severity=Severity.HIGH,
        source=f"{SOURCE}, C8",
        owner=OWNER,
        since=date(2026, 1, 1),
    ),
    Row(
        id="c09-late",
        title="A medicine that must come on time",
        find=late,
        reads={"service": SERVICE, "medicine": MEDICINE, "prescription": MEDICINE},
        severity=Severity.HIGH,
        source=f"{SOURCE}, C9; NICE QS164 statement 4: levodopa within 30 minutes of its time",
        owner=OWNER,
        since=date(2026, 1, 1),
        given={
            "tolerance_minutes": 30,
            "time_critical": ("levodopa", "co careldopa", "co beneldopa", "sinemet", "madopar", "stalevo"),
        },
    ),
)
