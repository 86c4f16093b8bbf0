"""What is measured: one row a scenario, with what it should cost at most and what a right answer looks like."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bench import person
from bench.client import Job
from bench.template import Template
from bench.world import CALLING
from fhir_facade.systems import NHS_NUMBER, SNOMED

R4: Final = "/fhir/R4"
R5: Final = "/fhir/R5"
_SUBJECT = {"reference": "Patient/@person@"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way to use the service.

    In `path` and `body`, `@person@`, `@plan@` and `@goal@` stand for ids, `@nhs@` for the person's NHS number,
    `@estate@` for the UPRN of the estate that they live in, `@n@` for a number that is always another.
    `aims`: milliseconds of processor time a request, service and database together, by engine. `hits`: how many
    entries the Bundle must hold. `writer`: clinicians alone ask.
    """

    name: str
    title: str
    path: str
    method: str = "GET"
    body: Mapping[str, Any] | None = None
    aims: Mapping[str, float]
    hits: int | None = None
    writer: bool = False
    versioned: bool = False

    def job(self, *, port: int, made: Sequence[Template], tokens: Mapping[str, list[str]], terms: "Terms") -> Job:
        """The job for the load."""
        return Job(
            port=port,
            connections=terms.connections,
            people=terms.people,
            seconds=terms.seconds,
            warm=min(terms.seconds / 4, 2.0),
            method=self.method,
            paths=[_marked(self.path)] * len(made),
            bodies=[_marked(json.dumps(self.body)) if self.body else ""] * len(made),
            places=[dict(one.places) for one in made],
            tokens=dict(tokens),
            versioned=self.versioned,
            callers=["P"] if self.writer else list(CALLING),
        )

    def fault(self, answer: str) -> str:
        """Why an answer is not the right one; nothing when it is: a wrong answer may be a fast one."""
        try:
            said = json.loads(answer)
        except ValueError:
            return "the answer is no JSON"
        if self.hits is None:
            return ""
        hits = sum(entry.get("search", {}).get("mode", "match") == "match" for entry in said.get("entry", ()))
        return "" if hits == self.hits else f"the answer holds {hits} entries, not {self.hits}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a run, the same for every scenario. `simulated`: how many people are played beside the load."""

    people: int
    seconds: float
    connections: int
    simulated: int = 0


def _marked(text: str) -> str:
    """A text to fill in by `%`."""
    made = text.replace("%", "%%")
    for name in ("person", "plan", "goal", "nhs", "estate", "n"):
        made = made.replace(f"@{name}@", f"%({name})s")
    return made


SCENARIOS: Final = (
    Scenario(
        name="read",
        title="read a CarePlan of 2 kB",
        path=f"{R4}/CarePlan/@plan@",
        aims={"sqlite": 0.12, "postgresql": 0.28},
    ),
    Scenario(
        name="search-1",
        title="search by patient, 1 result",
        path=f"{R4}/CarePlan?patient=@person@&category={SNOMED}|{person.PLAN_CATEGORY}",
        aims={"postgresql": 0.6},
        hits=1,
    ),
    Scenario(
        name="search-20",
        title="search by patient, 20 results",
        path=f"{R4}/Observation?patient=@person@&_count=20",
        aims={"postgresql": 1.5},
        hits=20,
    ),
    Scenario(
        name="search-chain",
        title="search by the patient's NHS number",
        path=f"{R4}/CarePlan?patient.identifier={NHS_NUMBER}|@nhs@&category={SNOMED}|{person.PLAN_CATEGORY}",
        aims={"postgresql": 1.0},
        hits=1,
    ),
    Scenario(
        name="search-include",
        title="search Tasks, with what they name",
        path=f"{R4}/Task?patient=@person@&_include=Task:patient&_include=Task:owner",
        aims={"postgresql": 2.5},
    ),
    Scenario(
        name="search-revinclude",
        title="search the Patient, with all Goals",
        path=f"{R4}/Patient?_id=@person@&_revinclude=Goal:patient",
        aims={"postgresql": 2.5},
        hits=1,
    ),
    Scenario(
        name="read-r5",
        title="read a CarePlan as R5",
        path=f"{R5}/CarePlan/@plan@",
        aims={},
    ),
    Scenario(
        name="search-20-r5",
        title="search by patient as R5, 20 results",
        path=f"{R5}/Observation?patient=@person@&_count=20",
        aims={},
        hits=20,
    ),
    Scenario(
        name="plan",
        title="whole plan",
        path="/v1/people/@person@/plan",
        aims={"postgresql": 0.8},
    ),
    Scenario(
        name="attention",
        title="what needs the caller, 1 person in 25",
        path="/v1/attention",
        aims={},
    ),
    Scenario(
        name="board",
        title="discharge board of an estate, 40 people",
        path="/v1/discharges?estate=@estate@&limit=40",
        aims={},
    ),
    Scenario(
        name="create",
        title="create an Observation",
        method="POST",
        path=f"{R4}/Observation",
        body=person.observation(0, _SUBJECT) | {"note": [{"text": "Measured at home, reading @n@."}]},
        aims={"postgresql": 2.0},
        writer=True,
    ),
    Scenario(
        name="create-listed",
        title="create a Goal, which its section lists",
        method="POST",
        path=f"{R4}/Goal",
        body=person.goal(0, _SUBJECT, " (@n@)"),
        aims={"postgresql": 2.0},
        writer=True,
    ),
    Scenario(
        name="update",
        title="update a Goal",
        method="PUT",
        path=f"{R4}/Goal/@goal@",
        body=person.goal(0, _SUBJECT, " (@n@)") | {"id": "@goal@"},
        aims={"postgresql": 2.5},
        writer=True,
        versioned=True,
    ),
)

YARDSTICK: Final = Scenario(name="yardstick", title="constant answer of bare uvicorn", path="/", aims={})
