"""C19: the person wants to get about, and what helps them to has been taken out of the plan."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.rules.phrases import coded, words
from plan.rules.phrases import said as names
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.spans import EVER, ahead, period, said
from plan.rules.stays import opened

WANTED = frozenset({"proposed", "accepted", "active"})
ACHIEVED = frozenset({"achieved", "sustaining"})
GONE = frozenset({"on_hold", "completed", "cancelled"})
ALIVE = frozenset({"active", "recurrence", "relapse"})
SNOMED = "http://snomed.info/sct"


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every goal of mobility whose support has ended or is paused, with nothing in its place."""
    needs = {need.reference for need in known.of("need") if _need(need, given)}
    for goal in known.of("goal"):
        if not _wanted(goal, given):
            continue
        theirs = set(goal.body.get("needs", ())) | needs
        support = [service for service in known.of("service") if _names(service, goal, theirs, given)]
        if any(_there(service, known) for service in support):
            continue
        yield from (_hit(goal, service) for service in support if _removed(service, goal, known))


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When a service ends that serves a goal or a need, or getting about."""
    for service in known.of("service"):
        if "goals" in service.body or "needs" in service.body or _moves(service, given):
            yield from ahead(known, period(service, known).high + 1)


def _wanted(goal: Entry, given: Given) -> bool:
    body = goal.body
    here = body.get("status") in WANTED and body.get("attainment") not in ACHIEVED
    return here and _mobility(body.get("goal", ""), body.get("code"), given, "goals")


def _need(need: Entry, given: Given) -> bool:
    return need.body.get("status") in ALIVE and _mobility(
        need.body.get("need", ""), need.body.get("code"), given, "needs"
    )


def _mobility(text: str, code: Any, given: Given, which: str) -> bool:
    return coded(code, SNOMED, given["codes"]) or names(text, given[which]) or names(words(code), given[which])


def _names(service: Entry, goal: Entry, needs: set[str], given: Given) -> bool:
    """Whether a service serves the goal or a need of getting about, or, where it says of neither, getting about."""
    if "goals" not in service.body and "needs" not in service.body:
        return _moves(service, given)
    return goal.reference in service.body.get("goals", ()) or not needs.isdisjoint(service.body.get("needs", ()))


def _moves(service: Entry, given: Given) -> bool:
    return any(
        names(text, given["services"]) for text in (service.body.get("service", ""), words(service.body.get("code")))
    )


def _there(service: Entry, known: Known) -> bool:
    return service.body.get("status") in ("active", "proposed") and period(service, known).high >= known.now


def _removed(service: Entry, goal: Entry, known: Known) -> bool:
    """Whether it has gone while the goal stood; what is paused for a stay in hospital comes back with the person."""
    status, until = service.body.get("status"), period(service, known).high
    paused = status == "on_hold" and any(True for _ in opened(known))
    gone = (status in GONE and not paused) or (status == "active" and until < known.now)
    begun = said(goal.body.get("start"), known.zone)
    ended = until if until < EVER else service.at
    before = ended < (begun.low if begun else goal.created) and goal.reference not in service.body.get("goals", ())
    return gone and not before


def _hit(goal: Entry, service: Entry) -> Hit:
    name, status = service.body.get("service", "A service"), str(service.body["status"]).replace("_", " ")
    wish = goal.body.get("goal") or words(goal.body.get("code"))
    state = "ended" if status == "active" else status
    return Hit(
        sides=(goal, service),
        says=(f"goal: {wish}", f"{name}: {state}"),
        detail=f"The person's goal is: {wish}. {name}, which served it, is {state}.",
        proposal="Review it with the person: bring the support back, put another in its place, or change the goal.",
    )


ROW = Row(
    id="c19-goal",
    title="A goal whose support has gone",
    find=find,
    reads={
        "goal": ("goal", "code", "status", "attainment", "start", "needs"),
        "service": ("service", "code", "status", "period", "goals", "needs"),
        "need": ("need", "code", "status"),
        "stay": ("status", "discharged"),
    },
    severity=Severity.WARN,
    source="Coordination design C19; words and codes: WHO ICF chapter 4 (mobility, d410 to d475), SNOMED CT",
    owner="Care coordination lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    given={
        "codes": ("129006008", "282146009", "129016000", "82971005"),
        "goals": (
            "walk",
            "walking",
            "get about",
            "getting about",
            "get around",
            "get out",
            "getting out",
            "go out",
            "climb the stairs",
            "climb stairs",
            "manage the stairs",
            "use the stairs",
            "stand up",
            "on my feet",
            "back on her feet",
            "back on his feet",
            "use my frame",
            "use the bus",
            "mobile again",
            "mobility",
        ),
        "services": (
            "mobility support",
            "mobility",
            "walking support",
            "walking",
            "physiotherapy",
            "physio",
            "reablement",
            "falls prevention",
            "strength and balance",
        ),
        "needs": (
            "mobility",
            "walking",
            "unsteady",
            "unsteadiness",
            "falls",
            "balance",
            "gait",
            "transfers",
            "getting about",
        ),
    },
)
