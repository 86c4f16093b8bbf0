"""The schema of the measures, as the interface description shows it."""

from api.rest.shapes import MOMENT, Schema, many, members, ref, text
from plan.measures import MEASURES

_COUNT: Schema = {"type": "integer", "minimum": 0}


def measure_views() -> dict[str, Schema]:
    """Every schema of them, by name."""
    figure = members(
        "",
        "One number, with the words of its group (estate, hospital, month, ...) beside it. Suppressed: nothing else.",
        total=_COUNT | {"description": "Of how many."},
        count=_COUNT | {"description": "How many of them."},
        value=text("In the unit of the measure, as decimals."),
        low=text("The low end of the 95 % interval."),
        high=text("The high end of it."),
        curve=many(
            members(
                "hours waiting",
                hours=_COUNT | {"description": "After so many hours."},
                waiting=text("Which share still waits."),
            ),
            "Of waits: Kaplan-Meier. What is too few to be told is left out.",
        ),
        suppressed={"type": "boolean", "description": "The number is small, and not told."},
    ) | {"additionalProperties": True}
    measure = members(
        "name title definition unit by guard source figures",
        name=text(enum=[*MEASURES]),
        title=text(),
        definition=text(),
        unit=text(),
        by=many(text()),
        guard=text(),
        source=text(),
        figures=many(ref("Figure")),
    )
    whole = members("from to measures", "", **{"from": MOMENT, "to": MOMENT, "measures": many(ref("Measure"))})
    return {"Figure": figure, "Measure": measure, "Measures": whole}
