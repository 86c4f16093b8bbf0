"""C6 and C7: two instructions that set different levels for one thing: what is eaten or drunk, how somebody moves."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import combinations
from typing import Any

from plan.known import Entry, Known
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.said import about, changes, clock, each_says, minutes
from plan.rules.spans import current, together
from plan.rules.texture import DRINK, FOOD, NOTHING, PLAIN
from plan.rules.words import fold, key, words

SETS = frozenset({"do", "encourage", "give", "restrict"})
READS = ("topic", "action", "status", "code", "level", "times", "window", "carers", "period", "changes")
Fits = Callable[[Entry, Entry], bool]


def _pairs(known: Known, fits: Fits, *topics: str) -> Iterator[tuple[Entry, Entry]]:
    """Current instructions on these topics, two by two, that hold at one time and do not fit each other."""
    found = [entry for entry in known.of("instruction") if about(entry, *topics) and current(entry, known)]
    for one, other in combinations(found, 2):
        meet = together(one, other, known) and _same_hours(one, other)
        if meet and not changes(one, other) and not fits(one, other):
            yield one, other


def _same_hours(one: Entry, other: Entry) -> bool:
    """Whether they speak of the same hours: one for the night beside one for always is the exception to it."""
    mine, theirs = _hours(one), _hours(other)
    return bool(mine & theirs) if mine and theirs else not mine and not theirs


def _hours(entry: Entry) -> frozenset[int]:
    body = entry.body
    if "window" in body:
        return minutes(body["window"])
    return frozenset(clock(time) for time in body.get("times", ()))


def diet(known: Known, given: Given) -> Iterator[Hit]:
    """Two textures of food, or two thicknesses of drink, for one person."""
    for one, other in _pairs(known, _one_texture, "diet", "texture", "fluids"):
        yield _hit(one, other, known, "A speech and language therapist or a clinician says which level is right.")


def _one_texture(one: Entry, other: Entry) -> bool:
    mine, theirs = _texture(one), _texture(other)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return True
    avoided = [side.body["action"] == "avoid" for side in (one, other)]
    if NOTHING in (mine[1], theirs[1]):
        return mine[1] == theirs[1] or all(avoided)
    if any(avoided):
        return all(avoided) or mine[1] != theirs[1]
    return mine[1] == theirs[1]


def _texture(entry: Entry) -> tuple[str, str] | None:
    """Food or drink, and its level; None for what sets none."""
    body = entry.body
    level = level_of(entry)
    said = fold(body.get("code", {}).get("text"))
    if body["action"] == "avoid" and level is None:
        nothing = body["topic"] in ("diet", "texture") and "level" not in body and said in ("", *PLAIN)
        return ("food", NOTHING) if nothing else None
    if level is None or body["action"] not in (*SETS, "avoid"):
        return None
    return level


def level_of(entry: Entry) -> tuple[str, str] | None:
    """What an instruction's level is a level of, and which: by its words or its number in IDDSI's framework."""
    level = entry.body.get("level") or {}
    text, number = words(level), fold(level.get("code"))
    drink = entry.body.get("topic") == "fluids" or fold((entry.body.get("code") or {}).get("text")) in DRINK["about"]
    if "iddsi" in str(level.get("system", "")).lower() and number.isdigit():
        text = f"level {number}"
    if text in DRINK["words"] or (drink and text in DRINK["numbers"]):
        return "drink", (DRINK["words"].get(text) or DRINK["numbers"][text])
    return ("food", FOOD[text]) if text in FOOD and not drink else None


def mobility(known: Known, given: Given) -> Iterator[Hit]:
    """Two ways of moving one person, one of which is not safe if the other is right."""
    for one, other in _pairs(known, _one_way, "mobility"):
        yield _hit(one, other, known, "A physiotherapist or occupational therapist says how the person is to be moved.")


def _one_way(one: Entry, other: Entry) -> bool:
    if _activity(one) != _activity(other):
        return True
    if "avoid" in (one.body["action"], other.body["action"]):
        return not _forbidden(one, other)
    mine, theirs = help_of(one), help_of(other)
    return mine is None or theirs is None or mine == theirs


def _forbidden(one: Entry, other: Entry) -> bool:
    """Whether one urges an activity, as a whole, that the other says to leave."""
    actions = {one.body["action"], other.body["action"]}
    levels = "level" in one.body or "level" in other.body
    return _activity(one) is not None and not levels and bool(actions & {"do", "encourage", "give"})


def _activity(entry: Entry) -> object:
    """What is done: transfers, walking, stairs; None for moving at all."""
    code = entry.body.get("code")
    said = words(code) or key(code)
    return None if said in MOVING else said


MOVING = frozenset({None, "mobility", "moving", "moving and handling", "mobilising"})
HELP = {
    **dict.fromkeys(
        ("independent", "independent with frame", "independent with stick", "independent with walking aid"), (0, False)
    ),
    **dict.fromkeys(("independent with zimmer frame", "independent with rollator", "walks alone"), (0, False)),
    **dict.fromkeys(("independent with walking frame", "independent with aid", "no help"), (0, False)),
    **dict.fromkeys(("supervision", "supervision of one", "stand by", "standby assistance"), (1, False)),
    **dict.fromkeys(("assistance of one", "help of one", "one carer", "assist of one", "with one carer"), (1, False)),
    **dict.fromkeys(("assistance of two", "help of two", "two carers", "assist of two", "with two carers"), (2, False)),
    **dict.fromkeys(("hoist", "full hoist", "hoist two carers", "hoist 2 carers", "hoisted by two"), (2, True)),
    **dict.fromkeys(("hoist one carer", "hoist 1 carer"), (1, True)),
}
"""How many people help, and whether with a hoist. Source: docs/coordination.md, C7, and how plans say it."""


def help_of(entry: Entry) -> tuple[int, bool] | None:
    """How many carers an instruction wants, and whether a hoist; None where it sets neither in a way that is known."""
    if entry.body["action"] not in SETS:
        return None
    carers, level = entry.body.get("carers"), words(entry.body.get("level"))
    known = HELP.get(level)
    if known is None:
        return (carers, False) if carers is not None and not level else None
    return (carers if carers is not None else known[0], known[1])


def _hit(one: Entry, other: Entry, known: Known, proposal: str) -> Hit:
    says = (_says(one), _says(other))
    return Hit(
        sides=(one, other),
        says=says,
        detail=each_says(one, says[0], other, says[1], known),
        proposal=proposal,
    )


def _says(entry: Entry) -> str:
    body = entry.body
    parts = [body["action"], body["topic"], _worded(body.get("code")), _worded(body.get("level"))]
    parts.append(f"with {body['carers']} carers" if "carers" in body else "")
    return " ".join(str(part) for part in parts if part)


def _worded(coding: Any) -> str:
    """A concept in words: a number says something to people in IDDSI's framework, and in no other."""
    held = coding or {}
    number = str(held.get("code", "")) if "iddsi" in str(held.get("system", "")).lower() else ""
    return str(held.get("text") or held.get("display") or (number and f"IDDSI level {number}"))


ROWS = (
    Row(
        id="c06-diet",
        title="Texture of food and drink",
        find=diet,
        reads={"instruction": READS},
        severity=Severity.HIGH,
        source="docs/coordination.md section 4, C6; IDDSI Framework 2.0 (2019)",
        owner="Clinical safety lead",
        since=date(2026, 1, 1),
    ),
    Row(
        id="c07-mobility",
        title="How the person is moved",
        find=mobility,
        reads={"instruction": READS},
        severity=Severity.HIGH,
        source="docs/coordination.md section 4, C7",
        owner="Clinical safety lead",
        since=date(2026, 1, 1),
    ),
)
