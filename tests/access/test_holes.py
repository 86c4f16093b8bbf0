"""The holes that were found in other servers, a to l, each tried here: a housing officer who works on the plan asks for
the diagnosis by every way that elsewhere led to it. Two of them are about the question, not the answer: what is asked
must not be answered differently for a right guess and a wrong one.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import pytest

from api.deeds import UNSAID, Deed
from auth.access import Verb
from plan.charter import ROWS, CharterError, from_table
from plan.charter import charter as agreed
from plan.model import AgencyId, EntryId, Section
from tests.access.written import TAG
from tests.support import feed
from tests.support.quick import Answer, Quick
from tests.support.r4 import JSON
from tests.support.world import World

SCT = "http://snomed.info/sct"
RIGHT, WRONG = f"{SCT}|86406008", f"{SCT}|11111111"
BASES = ("/fhir/R4", "/fhir/R5")


@dataclass(slots=True)
class Case:
    """A plan with a diagnosis under health, and the housing officer who must not learn of it."""

    world: World
    person: str
    condition: str
    task: str
    goal: str
    officer: Quick
    clinician: Quick


@pytest.fixture
async def case(world: World) -> Case:
    for agency in ("RX1", "HA1"):
        await world.agency(agency)
    by = world.visit()
    person = await world.person(by, world.nhs_number())
    await world.desk.add_member(by, person, "HA1", "", "")
    on = {"reference": f"Patient/{person}"}
    coded = {"coding": [{"system": SCT, "code": "86406008"}], "text": "HIV"}
    active = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
    condition = await _new(world, {"resourceType": "Condition", "clinicalStatus": active, "code": coded, "subject": on})
    focus = {"reference": f"Condition/{condition}"}
    task = {"resourceType": "Task", "status": "requested", "intent": "order", "for": on, "focus": focus}
    goal = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "Keep the flat"},
        "subject": on,
    }
    return Case(
        world,
        person,
        condition,
        await _new(world, task, "housing"),
        await _new(world, goal | {"addresses": [focus]}, "housing"),
        Quick(world.app, world.token("housing_officer", "HA1")),
        Quick(world.app, world.token()),
    )


async def _new(world: World, resource: dict[str, Any], section: str = "health", *only: str) -> EntryId:
    deed = Deed(verb=Verb.CREATE, type=resource["resourceType"], resource=resource, section=Section(section))
    deed.restriction = frozenset(map(AgencyId, only)) if only else UNSAID
    return (await world.write(world.visit(), deed)).stored.id


async def both(case: Case, url: str) -> list[Answer]:
    """The answers of R4 and R5."""
    return [await case.officer("GET", base + url) for base in BASES]


async def alike(case: Case, url: str, right: str, wrong: str) -> None:
    """A right guess is answered as a wrong one, byte for byte; to the clinician the two differ."""
    for base in BASES:
        hit, miss = [await case.officer("GET", base + url.replace("GUESS", guess)) for guess in (right, wrong)]
        assert (hit.status, hit.headers, hit.body.replace(*_guessed(right, wrong))) == (
            miss.status,
            miss.headers,
            miss.body,
        )
        told = [(await case.clinician("GET", base + url.replace("GUESS", guess))).json() for guess in (right, wrong)]
        assert told[0]["total"] != told[1]["total"], url


def _guessed(right: str, wrong: str) -> tuple[bytes, bytes]:
    """The guess itself stands in the link to this page."""
    return quote_plus(right).encode(), quote_plus(wrong).encode()


async def test_hole_a_the_hidden_type_is_asked_for_directly(case: Case):
    for answer in await both(case, f"/Condition/{case.condition}"):
        assert answer.status == 404
    for answer in await both(case, f"/Condition?patient={case.person}"):
        assert (answer.status, answer.json()["total"]) == (200, 0)


async def test_hole_b_it_does_not_come_along_by_a_reverse_include(case: Case):
    at = f"/Patient?_id={case.person}&_revinclude=Condition"
    for name in ("subject", "*"):
        for answer in await both(case, f"{at}:{name}"):
            assert answer.status == 200
            assert case.condition not in answer.text
            assert "86406008" not in answer.text
    assert case.condition in (await case.clinician("GET", f"/fhir/R4{at}:subject")).text


async def test_hole_c_a_reverse_chain_is_no_oracle(case: Case):
    await alike(case, f"/Patient?_id={case.person}&_has:Condition:subject:code=GUESS", RIGHT, WRONG)


async def test_hole_d_a_chain_through_what_is_hidden_is_no_oracle(case: Case):
    await alike(case, f"/Task?patient={case.person}&focus:Condition.code=GUESS", RIGHT, WRONG)


async def test_hole_e_conditions_ranges_and_orders_on_what_is_hidden_are_no_oracle(case: Case):
    await alike(case, f"/Condition?patient={case.person}&code=GUESS", RIGHT, WRONG)
    await alike(case, f"/Condition?patient={case.person}&_lastUpdated=GUESS", "gt2020-01-01", "lt2020-01-01")
    for answer in await both(case, f"/Condition?patient={case.person}&_sort=onset-date,-code"):
        assert answer.json()["total"] == 0


async def test_hole_f_no_count_of_what_is_hidden(case: Case):
    await alike(case, f"/Condition?patient={case.person}&code=GUESS&_total=accurate&_summary=count", RIGHT, WRONG)


async def test_hole_g_it_does_not_come_along_by_an_include(case: Case):
    for url in (f"/Task?_id={case.task}&_include=Task:focus", f"/Task?_id={case.task}&_include=*"):
        for answer in await both(case, url):
            resources = [one["resource"] for one in answer.json()["entry"]]
            assert "Condition" not in [one["resourceType"] for one in resources]
            assert "86406008" not in answer.text


async def test_hole_h_there_is_no_graphql(case: Case):
    for url in ("/$graphql?query={Patient{id}}", f"/Patient/{case.person}/$graphql?query={{id}}"):
        for answer in await both(case, url):
            assert answer.status == 404


async def test_hole_i_a_version_that_was_hidden_stays_hidden_when_the_entry_is_opened(case: Case):
    """The draft: a goal under health, then one for RX1 alone; both are opened, what was before is not."""
    made = []
    for section, only in (("health", ()), ("housing", ("RX1",))):
        draft = _goal(case, "Draft: methadone")
        id_ = await _new(case.world, draft, section, *only)
        deed = Deed(verb=Verb.UPDATE, type="Goal", id=id_, resource=_goal(case, "Open"), section=Section("housing"))
        deed.restriction = None
        await case.world.write(case.world.visit(), deed)
        made.append(id_)
    for id_ in made:
        for base in BASES:
            at = f"{base}/Goal/{id_}"
            assert (await case.officer("GET", at)).status == 200
            assert (await case.officer("GET", f"{at}/_history/1")).status == 404
            history = await case.officer("GET", f"{at}/_history")
            assert len(history.json()["entry"]) == 1
            everything = await case.officer("GET", f"{base}/Goal/_history")
            assert "Draft" not in history.text + everything.text
        shelf = f"/v1/people/{case.person}/plan/sections/housing/goal/{id_}"
        for tail in ("/versions", "/versions/1", "/diff?from=1&to=2"):
            assert "Draft" not in (await case.officer("GET", shelf + tail)).text
        assert (await case.officer("GET", f"{shelf}/diff?from=1&to=2")).status == 404


async def test_hole_i_a_stale_write_does_not_say_how_a_hidden_version_differs(case: Case):
    """412 names the fields that changed since the version that the client read: they have not read a hidden one."""
    said = []
    for draft in (_goal(case, "Draft"), _goal(case, "Draft", startDate="2026-01-01", note=[{"text": "Methadone"}])):
        id_ = await _new(case.world, draft, "health")
        deed = Deed(verb=Verb.UPDATE, type="Goal", id=id_, resource=_goal(case, "Open"), section=Section("housing"))
        await case.world.write(case.world.visit(), deed)
        shelf = f"/v1/people/{case.person}/plan/sections/housing/goal/{id_}"
        body = {"goal": "Open", "status": "active", "version": 1}
        answer = await case.officer("PUT", shelf, body)
        assert answer.status == 412
        said.append(answer.json()["changed"])
        fhir = {**_goal(case, "Open"), "id": id_, "meta": {"versionId": "1"}}
        answers = await case.officer("PUT", f"/fhir/R4/Goal/{id_}", fhir, JSON)
        assert answers.status == 412
        assert "note" not in answers.text
    assert said[0] == said[1]


def _goal(case: Case, text: str, **more: Any) -> dict[str, Any]:
    on = {"reference": f"Patient/{case.person}"}
    meta = {"tag": [{"system": TAG, "code": "housing"}]} if text == "Open" else {}
    made = {"resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": text}, "subject": on, **more}
    return {**made, "meta": meta} if meta else made


async def test_hole_j_what_may_not_be_written_is_refused_whole_and_told(case: Case):
    """One transaction with an open part and one that is not the officer's: nothing is written, and it is said."""
    open_ = {**_goal(case, "Open")}
    entries = [{"request": {"method": "POST", "url": "Goal"}, "resource": one} for one in (open_, _health(case))]
    before = await case.world.database.rows("select count(*) from entry")
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    answer = await case.officer("POST", "/fhir/R4", sent, JSON)
    assert answer.status == 403
    assert "health" in answer.text
    assert await case.world.database.rows("select count(*) from entry") == before


def _health(case: Case) -> dict[str, Any]:
    return {**_goal(case, "Hidden"), "meta": {"tag": [{"system": TAG, "code": "health"}]}}


async def test_hole_j_a_masked_client_sends_back_what_it_read_and_loses_nothing(case: Case):
    """What is hidden stands in entries of its own, so a round trip cannot erase it."""
    read = await case.officer("GET", f"/fhir/R4/Task/{case.task}")
    sent = {**read.json(), "description": "Ring first"}
    assert (await case.officer("PUT", f"/fhir/R4/Task/{case.task}", sent, JSON)).status == 200
    assert (await case.clinician("GET", f"/fhir/R4/Condition/{case.condition}")).json()["code"]["text"] == "HIV"


async def test_hole_k_a_subscription_tells_its_author_what_they_may_see_and_no_more(case: Case):
    receiver = feed.receiving(case.world)
    for criteria in (f"Condition?patient=Patient/{case.person}", "Condition?code=86406008"):
        sent = feed.subscription("plan-changed", criteria)
        assert (await case.officer("POST", "/fhir/R4/Subscription", sent, JSON)).status in (201, 400, 422)
    await feed.turn(case.world)
    read = (await case.clinician("GET", f"/fhir/R4/Condition/{case.condition}")).json()
    changed = await case.clinician("PUT", f"/fhir/R4/Condition/{case.condition}", {**read, "language": "en"}, JSON)
    assert changed.status == 200
    await feed.turn(case.world)
    assert [event for event in receiver.events if event[1]] == []
    assert not [request for request in receiver.sent if case.condition in request.content.decode()]


async def test_hole_l_a_charter_that_leaves_something_open_stops_the_start():
    """Where a rule could not be read, the filter was left out: here nothing starts with such a rule."""
    with pytest.raises(CharterError):
        agreed(ROWS[:-1])
    with pytest.raises(CharterError):
        from_table("| section | title |\n|---|---|\n| health | Health |\n")


async def test_hole_l_no_rule_no_scope_and_no_label_that_is_known_is_nobody(case: Case):
    for scopes in ("", "user/Condition", "Condition.rs", "user/*", "user/.rs", "patient /*.rs"):
        client = Quick(case.world.app, case.world.token("clinician", "RX1", scopes=scopes))
        assert (await client("GET", f"/fhir/R4/Condition/{case.condition}")).status == 403
        assert (await client("GET", "/fhir/R4/Condition")).status == 403
        assert (await client("GET", f"/v1/people/{case.person}/plan")).status == 403
