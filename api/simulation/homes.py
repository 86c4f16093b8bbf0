"""What stands in everybody's plan from the first day: home, people, needs, goals, and who comes when."""

from typing import Any

from api.simulation.life import HOUR, MINUTE, Life
from api.simulation.parameters import PARAMETERS

HOPES = (
    "Walk to the shop and back",
    "Sit in the garden every dry day",
    "Cook once a week",
    "Get down to the common room alone",
    "Ring a friend every Sunday",
)
CONDITIONS = ("Heart failure", "Type 2 diabetes", "Osteoarthritis of the knee", "Chronic obstructive pulmonary disease")


def begin(life: Life) -> None:
    """A plan with its team and what everybody wrote into it at first."""
    who, estate = life.who, life.who.estate
    team = [{"agency": estate.agency(kind), "kind": kind, "worker": estate.worker(kind)} for kind in who.team]
    body = {
        "name": {"given": [who.given], "family": "Test"},
        "birth_date": str(who.born),
        "nhs_number": who.nhs,
        "addresses": [
            {"type": "home", "lines": [f"Flat {who.flat}", estate.name], "city": "Testville"}
            | {"uprn": estate.flat_uprn(who.flat)}
        ],
    }
    life.does(life.start, "hospital", "begin", body=body, team=team)
    for number, (by, kind, name, section, written) in enumerate(_first(life), 1):
        life.does(life.start + number * MINUTE, by, "write", kind=kind, name=name, section=section, body=written)


def goals(life: Life) -> list[str]:
    """The names of somebody's goals."""
    return [event.said["name"] for event in life.events if event.said.get("kind") == "goal"]


def _first(life: Life) -> list[tuple[str, str, str, str, dict[str, Any]]]:
    who, estate = life.who, life.who.estate
    home: dict[str, Any] = {"scheme": estate.name, "uprn": estate.flat_uprn(who.flat), "parent_uprn": estate.uprn}
    if who.alone:
        home["household"] = "Lives alone"
    visits = [{"start": "08:00", "minutes": 45, "carers": 1}, {"start": "19:30", "minutes": 30, "carers": 1}]
    provider = {"reference": f"Organization/{estate.agency('care_provider')}"}
    package = {"service": "Personal care, morning and evening", "status": "active", "provider": provider}
    made: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("housing", "housing", "home", "housing", home),
        (
            "care_provider",
            "service",
            "visits",
            "social_care",
            package | {"visits": visits, "gives_medicines": True},
        ),
    ]
    if who.condition:
        need = {"need": life.dice.choice(CONDITIONS), "status": "active", "category": "diagnosis"}
        made.append(("gp_practice", "need", "condition", "health", need))
    if who.equipment:
        frame = {"item": "Walking frame", "status": "tested", "reason": "Unsteady"}
        made.append(("equipment", "equipment", "frame", "social_care", frame))
    if who.carer:
        carer = {"name": "Bea Test", "relationship": "daughter", "roles": ["next_of_kin", "unpaid_carer", "daughter"]}
        made.append(("social_care", "contact", "carer", "about_me", carer | {"subject": who.carer_id}))
        consent = {"decision": "permit", "status": "active", "to": [{"carer": "RelatedPerson/{carer}"}]}
        made.append(("person", "consent", "consent", "about_me", consent | {"sections": ["transitions", "about_me"]}))
    hopes = life.dice.sample(HOPES, life.dice.randint(1, int(PARAMETERS["goals_most"])))
    for number, hope in enumerate(hopes, 1):
        wish = {"goal": hope, "status": "active", "importance": life.dice.randint(1, 10)}
        made.append(("social_care", "goal", f"goal-{number}", "social_care", wish))
    return made


def score(life: Life) -> None:
    """Goals are scored together with the person at the end of the time."""
    for number, name in enumerate(goals(life)):
        if life.chance("scored"):
            score = life.dice.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2))
            life.does(life.end - HOUR + number * MINUTE, "social_care", "score", goal=name, score=score)
