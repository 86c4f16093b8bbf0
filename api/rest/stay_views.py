"""The schemas of stays across people: what came of events, and what was found."""

from api.rest.shapes import CURSOR, NUMBER, Schema, many, members, ref, text

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
        "StayEvents": {"oneOf": [ref("StayEvent"), many(ref("StayEvent"))]},
        "TakenEvent": taken,
        "TakenEvents": {"oneOf": [ref("TakenEvent"), members("items", items=many(ref("TakenEvent")))]},
        "StaysFound": members("items", items=many(found), next=CURSOR),
    }
