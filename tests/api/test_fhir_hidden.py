"""What is hidden leaves no mark: two databases that differ only in what a caller may not see give that caller the same
answers, by whatever way it is looked for (docs/decisions/0012).

Beside `test_hidden_and_absent.py`, which asks for a hidden thing by its id, this asks for it by all that surrounds it:
a chain, what refers to it, what comes along, the order, a plan, everything, what was, a condition.
"""

import json
import re
import shutil
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from api.deeds import UNSAID, Deed
from api.settings import Settings
from auth.access import Verb
from plan.model import AgencyId, Section
from tests.support.postgres import borrowed_database, in_roles
from tests.support.r4 import JSON, entry, goal, task
from tests.support.world import ALL, World, opened_world

BASES = ["/fhir/R4", "/fhir/R5"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PAGE = re.compile(r"_page=[\w%-]+")
NEVER = "0190ffff-0000-7000-8000-0000000000{}"
SECRET = "urn:secret"
MOST_PAGES = 40


class Caller(NamedTuple):
    """Who looks, and what makes a thing hidden from them: where it stands, for whom alone, whose it is."""

    role: str
    agency: str
    section: str
    only: tuple[str, ...] = ()
    elsewhere: bool = False
    scopes: str = ALL


CALLERS = {
    "what is for one agency alone": Caller("social_worker", "LA1", "social_care", ("RX1",)),
    "a section that the charter closes": Caller("housing_officer", "HA1", "health"),
    "a person whose team one is not on": Caller("social_worker", "LA1", "social_care", elsewhere=True),
    "types that the app may not read": Caller(
        "clinician", "RX1", "social_care", scopes="system/Task.cruds system/Patient.rs system/CareTeam.rs"
    ),
}


@dataclass(slots=True)
class Plan:
    """One of two worlds. `known`: ids by name, of what is shown and of what is hidden or never was."""

    world: World
    caller: Caller
    known: dict[str, str] = field(default_factory=dict)
    minutes: int = 0

    @property
    def client(self) -> httpx.AsyncClient:
        """The caller."""
        return self.world.client(self.caller.role, self.caller.agency, scopes=self.caller.scopes)

    async def add(self, name: str, resource: dict[str, Any], section: str, only: tuple[str, ...] = (), by: str = "RX1"):
        """Something new, a minute after what came before."""
        self.pass_()
        deed = Deed(verb=Verb.CREATE, type=resource["resourceType"], resource=resource, section=Section(section))
        deed.restriction = frozenset(map(AgencyId, only)) if only else UNSAID
        self.known[name] = (await self.world.write(self.world.visit("clinician", by), deed)).stored.id

    def pass_(self) -> None:
        """A minute passes, whether or not anything is done in it."""
        self.minutes += 1
        self.world.at(f"2026-03-02T10:{self.minutes:02}:00Z")


def observation(person: str, about: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": SECRET, "code": "secret"}]},
        "subject": {"reference": f"Patient/{person}"},
        "focus": [{"reference": about}],
    }


async def furnished(world: World, caller: Caller, *, secret: bool) -> Plan:
    """A plan with tasks and goals that everybody sees, and among them what the caller does not, or nothing."""
    world.at("2026-03-02T10:00:00Z")
    made = Plan(world, caller)
    for agency in ("RX1", "RX2", "LA1", "HA1"):
        await world.agency(agency)
    by = world.client()
    person = made.known["PERSON"] = await world.person(by, world.nhs_number())
    for agency in ("LA1", "HA1"):
        assert (await by.post(f"/v1/people/{person}/team", json={"agency": agency})).status_code == 201
    made.known |= {name: NEVER.format(at) for name, at in (("HIDDEN", "a1"), ("ABOUT", "a2"), ("WHO", "a3"))}
    owner, whose = ("RX2" if caller.elsewhere else "RX1"), person
    if secret and caller.elsewhere:
        whose = made.known["WHO"] = await world.person(world.client(agency="RX2"), family="Secret")
    await made.add("FIRST", goal(person, "Walk", startDate="2026-01-01"), "social_care")
    if secret:
        said = goal(whose, "Secret", startDate="2026-02-01", identifier=[{"system": SECRET, "value": "secret"}])
        await made.add("HIDDEN", said, caller.section, caller.only, owner)
    else:
        made.pass_()
    focus = {"reference": f"Goal/{made.known['HIDDEN']}"}
    await made.add("TASK", task(person, focus=focus, description="a task"), "social_care")
    if secret:
        about = observation(whose, f"Task/{made.known['TASK']}")
        await made.add("ABOUT", about, caller.section, caller.only, owner)
    else:
        made.pass_()
    await made.add("SECOND", goal(person, "Swim", startDate="2026-03-01"), "social_care")
    await made.add("PART", task(person, partOf=[{"reference": f"Task/{made.known['TASK']}"}]), "social_care")
    made.pass_()
    return made


LOOKS = [
    # a chain that leads to it
    "Task?focus:Goal.lifecycle-status=active",
    "Task?focus:Goal.identifier=urn:secret|secret",
    "Task?focus:Goal.identifier:missing=false",
    "Task?focus:Goal._id=HIDDEN",
    "Task?focus:Goal.start-date=2026-02-01&patient=PERSON",
    "Task?focus:Goal._lastUpdated=ge2026",
    "Task?part-of.focus:Goal.lifecycle-status=active",
    "Goal?patient.name=Secret",
    "Task?patient=PERSON&focus:Goal.identifier=urn:secret|secret&_total=accurate&_summary=count",
    # it refers to something
    "Task?_has:Observation:focus:code=urn:secret|secret",
    "Task?_has:Observation:focus:_id=ABOUT",
    "Task?_has:Observation:focus:status:not=amended",
    "Task?part-of:Task._has:Observation:focus:code=secret",
    "Patient?_has:Task:patient:_has:Observation:focus:code=secret",
    "Goal?_has:Task:focus:_has:Observation:focus:code=secret",
    # it comes along
    "Task?_id=TASK&_include=Task:focus",
    "Task?_id=TASK&_include=*",
    "Task?_id=PART&_include=Task:part-of&_include:iterate=Task:focus",
    "Task?_id=TASK&_revinclude=Observation:focus",
    "Task?_id=TASK&_revinclude=Observation:*",
    "Patient?_id=PERSON&_revinclude=Goal:patient&_revinclude=Observation:subject",
    # it stands among others
    "Goal?patient=PERSON&_sort=start-date&_count=1",
    "Goal?patient=PERSON&_sort=-start-date&_count=1&_total=accurate",
    "Goal?_sort=identifier&_count=1",
    "Goal?_sort=_lastUpdated&_count=1",
    "Goal?identifier=urn:secret|secret",
    "Goal?identifier:missing=false",
    "Goal?identifier:not=urn:x|y",
    "Observation?code=secret",
    "Observation?focus=Task/TASK",
    "Patient/PERSON/Goal?_count=1",
    "Patient/PERSON/Observation",
    "Patient/PERSON/*?_count=1",
    "Patient/PERSON/*?_type=Goal,Observation,Task&_summary=count",
    "Patient/WHO/*",
    "Patient?name=Secret",
    "?_count=2",
    "?_type=Goal,Task,Observation&_sort=_lastUpdated&_count=1",
    "?_id=HIDDEN,ABOUT,TASK",
    # it was
    "_history?_count=2",
    "_history?_since=2026-03-02T10:00:00Z&_count=1",
    "Goal/_history?_count=1",
    "Observation/_history",
    "Patient/_history",
    "Goal/HIDDEN/_history",
    "Goal/HIDDEN",
    "Observation/ABOUT/_history/1",
    "Patient/WHO",
    # everything of somebody
    "Patient/PERSON/$everything",
    "Patient/PERSON/$everything?_count=1",
    "Patient/PERSON/$everything?_type=Goal,Observation",
    "Patient/PERSON/$everything?_since=2026-03-02T10:00:00Z",
    "Patient/WHO/$everything",
    "Goal/HIDDEN/$meta",
]


def seen_there(look: str) -> bool:
    """What finds the other person, for who is on their team."""
    return "WHO" in look or "name=Secret" in look or look == "Patient/_history"


def seen_here(look: str) -> bool:
    """What finds something in the plan that all of them work on."""
    return not seen_there(look)


async def told(plan: Plan, client: httpx.AsyncClient, method: str, url: str, body: Any = None, **headers: str) -> Any:
    """An answer with every id by its name, and where it goes on."""

    def named(text: str) -> str:
        for name, id_ in plan.known.items():
            text = text.replace(id_, f"<{name}>")
        return PAGE.sub("_page=<page>", UUID.sub("<id>", text))

    def meant(text: str) -> str:
        return re.sub(r"\b(" + "|".join(plan.known) + r")\b", lambda found: plan.known[found[1]], text)

    sent = None if body is None else meant(json.dumps(body)).encode()
    headers = {"X-Request-Id": "the-same", **{name: meant(value) for name, value in headers.items()}}
    answer = await client.request(method, meant(url), content=sent, headers=headers)
    assert answer.status_code < 500, (url, answer.text)
    said = {name: named(value) for name, value in answer.headers.items() if name not in ("date", "content-length")}
    next_ = [one["url"] for one in _linked(answer) if one["relation"] == "next"]
    return (answer.status_code, said, named(answer.text)), next_


def _linked(answer: httpx.Response) -> list[dict[str, str]]:
    kind = answer.headers.get("content-type", "")
    found: list[dict[str, str]] = answer.json().get("link", []) if answer.content and "json" in kind else []
    return found


async def pages(plan: Plan, client: httpx.AsyncClient, url: str) -> list[Any]:
    """Every page of an answer."""
    found: list[Any] = []
    while url:
        assert len(found) < MOST_PAGES, url
        page, next_ = await told(plan, client, "GET", url)
        found.append(page)
        url = next_[0] if next_ else ""
    return found


@pytest.fixture
async def twin(world: World, request: pytest.FixtureRequest, tmp_path: Path, development_key: Path):
    """A second world on the same engine, with nothing in it either."""
    async with AsyncExitStack() as stack:
        if world.url.startswith("sqlite"):
            shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "twin.db")
            url = f"sqlite:///{tmp_path / 'twin.db'}"
        else:
            template = request.getfixturevalue("postgres_template")
            url = stack.enter_context(borrowed_database(template, template=urlsplit(template).path[1:]))
        settings = Settings(**in_roles(url), development_key=development_key)
        made = await opened_world(settings, development_key)
        try:
            yield made
        finally:
            await made.close()


@pytest.mark.parametrize("why", CALLERS)
async def test_what_is_hidden_leaves_no_mark_wherever_it_is_looked_for(world: World, twin: World, why: str):
    caller = CALLERS[why]
    plans = [await furnished(world, caller, secret=True), await furnished(twin, caller, secret=False)]
    clients = [plan.client for plan in plans]
    for look in LOOKS:
        for base in BASES:
            url = f"{base}/{look}".replace("/?", "?")
            with_, without = [await pages(plan, client, url) for plan, client in zip(plans, clients, strict=True)]
            assert with_ == without, url


@pytest.mark.parametrize(
    "why, agency, told_by",
    [("what is for one agency alone", "RX1", seen_here), ("a person whose team one is not on", "RX2", seen_there)],
)
async def test_who_may_see_it_sees_the_difference(world: World, twin: World, why: str, agency: str, told_by: Any):
    """Or the table above would prove nothing."""
    plans = [await furnished(world, CALLERS[why], secret=True), await furnished(twin, CALLERS[why], secret=False)]
    for look in filter(told_by, LOOKS):
        url = f"{BASES[0]}/{look}".replace("/?", "?")
        with_, without = [await pages(plan, plan.world.client(agency=agency), url) for plan in plans]
        assert with_ != without, url


SECRETLY = "identifier=urn:secret|secret"
BESIDE = [f"Task?focus:Goal.{SECRETLY}", "Task?_has:Observation:focus:code=secret"]
AIM = goal("PERSON", "Mine")
PATCHED = [{"op": "add", "path": "/note", "value": [{"text": "a"}]}]
PATCH = "application/json-patch+json"


def transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


DEEDS: list[tuple[str, str, Any, Mapping[str, str]]] = [
    ("POST", "Goal", AIM, {"If-None-Exist": f"{SECRETLY}&patient=PERSON"}),
    ("POST", "Task", task("PERSON"), {"If-None-Exist": f"focus:Goal.{SECRETLY}"}),
    ("POST", "Task", task("PERSON"), {"If-None-Exist": "_has:Observation:focus:code=secret"}),
    *(
        (method, url, body, headers)
        for url in (f"Goal?{SECRETLY}", f"Goal?{SECRETLY}&patient=PERSON", *BESIDE)
        for method, body, headers in (
            ("GET", None, {}),
            ("DELETE", None, {}),
            ("PATCH", PATCHED, {"Content-Type": PATCH}),
            ("PUT", AIM if url.startswith("Goal") else task("PERSON"), {}),
        )
    ),
    *(
        ("POST", "", transaction(entry(method, url, body, **more)), {})
        for method, url, body, more in (
            ("POST", "Task", task("PERSON", focus={"reference": f"Goal?{SECRETLY}"}), {}),
            ("POST", "Goal", AIM, {"ifNoneExist": SECRETLY}),
            ("PUT", f"Goal?{SECRETLY}", AIM, {}),
            ("DELETE", f"Task?focus:Goal.{SECRETLY}", None, {}),
            ("GET", f"Task?focus:Goal.{SECRETLY}", None, {}),
        )
    ),
    ("PATCH", "Goal/HIDDEN", PATCHED, {"Content-Type": PATCH}),
    ("DELETE", "Goal/HIDDEN", None, {}),
    ("DELETE", "Goal/HIDDEN", None, {"If-Match": 'W/"1"'}),
    ("PUT", "Goal/HIDDEN", {**AIM, "id": "HIDDEN", "meta": {"versionId": "1"}}, {}),
    ("PUT", "Goal/HIDDEN", {**AIM, "id": "HIDDEN"}, {"If-None-Match": "*"}),
    ("POST", "Goal/HIDDEN/$validate?mode=delete", None, {}),
    ("POST", "Goal/HIDDEN/$validate", {**AIM, "id": "HIDDEN"}, {}),
    (
        "POST",
        "Goal/HIDDEN/$meta-add",
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "meta", "valueMeta": {"tag": [{"system": "urn:x", "code": "a"}]}}],
        },
        {},
    ),
    ("POST", "Task", task("PERSON", focus={"reference": "Goal/HIDDEN"}), {}),
    (
        "POST",
        "Task",
        task("PERSON"),
        {
            "X-Provenance": json.dumps(
                {
                    "resourceType": "Provenance",
                    "recorded": "2026-01-01T00:00:00Z",
                    "target": [],
                    "entity": [{"role": "source", "what": {"reference": "Goal/HIDDEN"}}],
                    "agent": [{"who": {"display": "Ada Test"}}],
                }
            )
        },
    ),
]
"""Writes that would find it; what they write, they write in both worlds."""


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("why", CALLERS)
async def test_no_condition_finds_what_is_hidden(world: World, twin: World, why: str, base: str):
    caller = CALLERS[why]
    plans = [await furnished(world, caller, secret=True), await furnished(twin, caller, secret=False)]
    clients = [plan.client for plan in plans]
    for method, url, body, headers in DEEDS:
        sent = headers if "Content-Type" in headers else {**JSON, **headers}
        address = f"{base}/{url}".removesuffix("/")
        both = [await told(plan, by, method, address, body, **sent) for plan, by in zip(plans, clients, strict=True)]
        assert both[0][0] == both[1][0], (method, url)
        for plan in plans:
            plan.pass_()
