"""The schemas of stays across people: what came of events, and what was found."""

from api.rest.shapes import CURSOR, MOMENT, NUMBER, Schema, many, members, ref, text
from plan.discharge_gate import GateState
from plan.discharge_items import DONE, State

_OUTCOMES = {
    "applied": "the stay changed",
    "unchanged": "it is kept, and says nothing that was not known",
    "repeated": "it was taken before",
    "heard": "a heartbeat",
    "refused": "`problem` says why; nothing of it is kept, and it may be sent again",
}


def stay_views() -> dict[str, Schema]:
    """Every schema of them, by name."""
    taken = members(
        "id outcome",
        "What came of one event.",
        id=text(),
        outcome=text("; ".join(f"{word}: {says}" for word, says in _OUTCOMES.items()) + ".", enum=[*_OUTCOMES]),
        person=text(),
        stay=text("The id of the stay, and of its Encounter."),
        version=NUMBER,
        warnings=many(text()),
        problem=ref("Problem"),
    )
    found = members("person stay", "A stay, and whose it is.", person=text(), stay=ref("Stay"))
    return {
        **_board(),
        "Discharges": members("items", items=many(ref("Discharge")), next=CURSOR),
        "StayEvents": {"oneOf": [ref("StayEvent"), many(ref("StayEvent"))]},
        "TakenEvent": taken,
        "TakenEvents": {"oneOf": [ref("TakenEvent"), members("items", items=many(ref("TakenEvent")))]},
        "StayReadiness": _readiness(),
        "StaysFound": members("items", items=many(found), next=CURSOR),
    }


def _board() -> dict[str, Schema]:
    """A line of the board, what it waits for, and where somebody lives."""
    item = members(
        "item title state",
        "What is still to be done; `due`: until when.",
        item=text(),
        title=text(),
        state=text(enum=[state.value for state in State if state not in DONE]),
        task=text("`Task/id` of its entry, once it was asked."),
        due=MOMENT,
    )
    waiting = members(
        "agency name items",
        "What one agency, or the person, is still to do.",
        agency=text(),
        name=text("What people call the agency."),
        items=many(item),
    )
    line = members(
        "person stay hospital hospital_name planned_discharge gate reasons waiting_for short_notice",
        "One discharge that is planned. `next_deadline`: when the next of what is open is due, or since when all is.",
        person=text(),
        name=text(),
        stay=text("The id of the stay, and of its Encounter."),
        place=ref("Place"),
        hospital=text(),
        hospital_name=text("What people call the hospital."),
        ward=text(),
        planned_discharge=text("As it was written: a moment, or a day."),
        gate=text(enum=[state.value for state in GateState]),
        reasons=many(text()),
        waiting_for=many(waiting),
        next_deadline=MOMENT,
        short_notice={"type": "boolean"},
    )
    lives = members(
        "",
        "Where somebody lives, as far as the caller sees it.",
        scheme=text("What people call it."),
        estate=text("The UPRN of the estate, scheme or block."),
    )
    return {"Place": lives, "Discharge": line}


def _readiness() -> Schema:
    state = text("Unknown: the feed of the hospital is silent.", enum=["ready", "not_ready", "unknown"])
    words = ["confirmed", "not_needed", "stale", "blocked", "open", "closed"]
    item = members(
        "item title state blocking agency who",
        "One item, and who is reached about it.",
        item=text("The code of the item."),
        title=text(),
        state=text("Stale: answered for another date, or before what it depends on.", enum=words),
        blocking={"type": "boolean"},
        agency=text("The agency that answers for it."),
        who=ref("Party"),
        phone=text(),
        due=MOMENT,
        task=text("`Task/id` of its entry, once it was asked."),
        version=NUMBER,
        reason=ref("Coding"),
        starts=text(),
        answered=ref("Said"),
    )
    return members(
        "stay state at short_notice open stale reasons evaluated_on items",
        "The gate of a discharge, computed now from what the caller may see.",
        stay=text("`Encounter/id`."),
        state=state,
        at=MOMENT,
        planned_discharge=text(),
        notice=text("When the planned discharge was said."),
        short_notice={"type": "boolean"},
        closed=text("Why nothing is asked any more."),
        override=text("`Task/id` of the decision to leave all the same."),
        departure=text("`Observation/id`: how the gate stood at departure."),
        open=many(text(), "The items that hold the gate."),
        stale=many(text(), "The items that must be confirmed again."),
        reasons=many(text()),
        evaluated_on=many(text(), "`Type/id/_history/version` of what it was computed from."),
        items=many(item),
    )
