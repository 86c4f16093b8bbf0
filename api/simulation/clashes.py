"""Contradictions that are put into plans on purpose, so that it is known which ones a detector has to find."""

from typing import Any, Final

from api.simulation.life import DAY, HOUR, MINUTE, Life

Side = tuple[str, str, str, dict[str, Any]]


def _instruction(text: str, topic: str, action: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "topic": topic, "action": action, "status": "active", **more}


CLASHES: Final[tuple[tuple[str, Side, Side], ...]] = (
    (
        "c05-fluids",
        (
            "social_care",
            "instruction",
            "social_care",
            _instruction("Encourage 2 litres a day", "fluids", "encourage", value={"value": 2, "unit": "L"}),
        ),
        (
            "hospital",
            "instruction",
            "health",
            _instruction("Keep fluids to 1 litre a day", "fluids", "restrict", value={"value": 1, "unit": "L"}),
        ),
    ),
    (
        "c07-mobility",
        (
            "care_provider",
            "instruction",
            "social_care",
            _instruction("Walks alone with the frame", "mobility", "do", level={"text": "independent with frame"}),
        ),
        (
            "hospital",
            "instruction",
            "health",
            _instruction("Hoist with two carers", "mobility", "do", level={"text": "hoist"}, carers=2),
        ),
    ),
)
"""The rule that is broken, and the two entries that break it: by whom, which kind, in which section, what."""


def clashes(life: Life) -> None:
    """Two agencies say what cannot both be done; somebody resolves it later, or nobody does."""
    if not life.chance("contradiction"):
        return
    rule, *sides = life.dice.choice(CLASHES)
    at = life.start + life.dice.randint(1, max(len(life.days()), 1)) * DAY + 11 * HOUR
    names = [f"{rule.lower()}-{number}" for number in (1, 2)]
    for number, (name, (by, kind, section, body)) in enumerate(zip(names, sides, strict=True)):
        life.does(at + number * MINUTE, by, "write", kind=kind, name=name, section=section, body=body)
    until = None if life.chance("never_resolved") else at + life.wait("resolved_days", DAY)
    life.truth(at + MINUTE, contradiction=rule, entries=names)
    if until:
        life.does(until, "gp_practice", "resolve", entries=names, text="The ward's limit stands")
