"""What servers get wrong in searches, one test for each known mistake, named after its row.

The rows are those of the list of behaviours that public servers were found to get wrong; rows about writing stand in
test_fhir_mistakes_write.py and beside what they are about.
"""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from api import fhir_routes
from fhir_facade.resources import RESOURCES
from tests.support.r4 import JSON, R4, created, found, goal, ids, issue, task
from tests.support.world import NHS, World

STRICT = {"Prefer": "handling=strict"}


def self_of(bundle: dict[str, Any]) -> dict[str, str]:
    (link,) = [one["url"] for one in bundle["link"] if one["relation"] == "self"]
    return dict(parse_qsl(urlsplit(link).query))


def careplan(person: str, **more: Any) -> dict[str, Any]:
    subject = {"reference": f"Patient/{person}"}
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": subject, **more}


def provenance(target: str) -> dict[str, Any]:
    who = {"who": {"reference": "Organization/RX1"}}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": "2026-03-02T10:00:00Z",
        "agent": [who],
    }


def capability() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(fhir_routes.published())
    return said


async def test_row_03_an_unknown_parameter_is_refused_when_strict_and_leaves_self_otherwise(world: World):
    by = world.client()
    person = await world.person(by)
    await created(by, goal(person))
    refused = await by.get(f"{R4}/Goal?patient={person}&bogus=1", headers=STRICT)
    assert issue(refused, 400)["code"] == "not-supported"
    assert self_of(await found(by, f"Goal?patient={person}&bogus=1")) == {"patient": person}


@pytest.mark.parametrize(
    "param, value, other",
    [
        ("_tag", "urn:t|seen", "urn:t|unseen"),
        ("_security", "urn:s|fire", "urn:s|ice"),
        ("_profile", "https://example.org/p", "https://example.org/q"),
        ("_source", "https://example.org/ehr", "https://example.org/other"),
    ],
)
async def test_row_04_what_meta_says_is_searched_by_and_stands_in_self(world: World, param, value, other):
    by = world.client()
    person = await world.person(by)
    meta = {
        "tag": [{"system": "urn:t", "code": "seen"}],
        "security": [{"system": "urn:s", "code": "fire"}],
        "profile": ["https://example.org/p"],
        "source": "https://example.org/ehr",
    }
    wanted = await created(by, goal(person, meta=meta))
    await created(by, goal(person))
    hits = await found(by, f"Goal?patient={person}&{param}={value}")
    assert ids(hits) == [wanted["id"]]
    assert self_of(hits) == {"patient": person, param: value}
    assert ids(await found(by, f"Goal?patient={person}&{param}={other}")) == []


async def test_row_05_post_finds_what_get_finds_and_pages_on(world: World):
    by = world.client()
    person = await world.person(by)
    for n in range(5):
        await created(by, goal(person, f"goal {n}"))
    got = await found(by, f"Goal?patient={person}&_count=2")
    posted = await by.post(f"{R4}/Goal/_search?_count=2", data={"patient": person})
    assert posted.status_code == 200
    pages, bundle = [], posted.json()
    assert ids(bundle) == ids(got)
    while True:
        pages += ids(bundle)
        following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        if not following:
            break
        bundle = (await by.get(following[0])).json()
    assert len(pages) == len(set(pages)) == 5


async def test_row_06_a_search_for_teams_is_a_searchset(world: World):
    by = world.client()
    person = await world.person(by)
    assert (await found(by, f"CareTeam?patient={person}"))["type"] == "searchset"


async def test_row_07_active_teams_are_found_on_every_page_and_no_page_repeats(world: World):
    by = world.client()
    person = await world.person(by)
    subject = {"reference": f"Patient/{person}"}
    for status in ("active", "inactive", "active", "proposed", "active"):
        await created(by, {"resourceType": "CareTeam", "status": status, "subject": subject})
    bundle, seen, links = await found(by, f"CareTeam?patient={person}&status=active&_count=1"), [], []
    while True:
        seen += [one["resource"]["status"] for one in bundle["entry"]]
        following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        if not following:
            break
        links += following
        bundle = (await by.get(following[0])).json()
    assert seen == ["active"] * 4, "three that were sent, and the plan's own"
    assert len(set(links)) == len(links) == 3


async def test_row_08_nothing_is_contained_in_the_team(world: World):
    by = world.client()
    person = await world.person(by)
    kin = await created(by, {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{person}"}})
    member = {"reference": f"RelatedPerson/{kin['id']}"}
    subject = {"reference": f"Patient/{person}"}
    sent = {"resourceType": "CareTeam", "status": "active", "subject": subject, "participant": [{"member": member}]}
    team = await created(by, sent)
    hits = await found(by, f"CareTeam?participant=RelatedPerson/{kin['id']}&_include=CareTeam:participant")
    assert {one["resource"]["id"] for one in hits["entry"]} == {team["id"], kin["id"]}
    assert all("contained" not in one["resource"] for one in hits["entry"])


async def test_row_09_an_include_after_a_revinclude_needs_iterate_and_then_works(world: World):
    by = world.client()
    await world.agency("RX1")
    person = await world.person(by)
    role = await created(by, {"resourceType": "PractitionerRole", "organization": {"reference": "Organization/RX1"}})
    member = {"member": {"reference": f"PractitionerRole/{role['id']}"}}
    subject = {"reference": f"Patient/{person}"}
    await created(by, {"resourceType": "CareTeam", "subject": subject, "participant": [member], "status": "proposed"})
    search = f"Patient?_id={person}&_revinclude=CareTeam:subject"
    plain = await found(by, f"{search}&_include=CareTeam:participant")
    assert "PractitionerRole" not in {one["resource"]["resourceType"] for one in plain["entry"]}
    deep = await found(by, f"{search}&_include:iterate=CareTeam:participant")
    assert role["id"] in ids(deep)
    assert deep["total"] == plain["total"] == 1


async def test_row_10_an_include_that_leads_in_a_circle_ends(world: World):
    by = world.client()
    person = await world.person(by)
    first = await created(by, careplan(person))
    second = await created(by, careplan(person, basedOn=[{"reference": f"CarePlan/{first['id']}"}]))
    around = {**first, "basedOn": [{"reference": f"CarePlan/{second['id']}"}]}
    assert (await by.put(f"{R4}/CarePlan/{first['id']}", json=around, headers=JSON)).status_code == 200
    hits = await found(
        by, f"CarePlan?_id={first['id']}&_include:iterate=CarePlan:based-on&_include:iterate=CarePlan:part-of"
    )
    assert sorted(ids(hits)) == sorted([first["id"], second["id"]])


async def test_row_11_no_parameter_is_invented(world: World):
    by = world.client()
    refused = await by.get(f"{R4}/CarePlan?activity-goal=Goal/1", headers=STRICT)
    assert issue(refused, 400)["code"] == "not-supported"
    (row,) = [one for one in capability()["rest"][0]["resource"] if one["type"] == "CarePlan"]
    assert "activity-goal" not in {one["name"] for one in row["searchParam"]}


OPEN = [
    ("ge2020", True),
    ("le2031", True),
    ("gt2030", True),
    ("eq2031", False),
    ("2024", False),
    ("lt2024", False),
    ("sa2023", True),
    ("eb2030", False),
    ("ap2030", True),
    ("ne2024", True),
]


@pytest.mark.parametrize("value, matches", OPEN)
async def test_row_12_a_period_without_an_end_goes_on(world: World, value: str, matches: bool):
    by = world.client()
    person = await world.person(by)
    plan = await created(by, careplan(person, period={"start": "2024-01-01"}, title="open"))
    hits = await found(by, f"CarePlan?patient={person}&date={value}&_id={plan['id']}")
    assert ids(hits) == ([plan["id"]] if matches else [])


async def test_row_13_on_behalf_of_is_for_a_practitioner_and_whom_nobody_can_resolve_is_let_in(world: World):
    by = world.client()
    await world.agency("RX1")
    person = await world.person(by)
    subject = {"reference": f"Patient/{person}"}

    async def sent(member: dict[str, str]):
        place = {"member": member, "onBehalfOf": {"reference": "Organization/RX1"}}
        team = {"resourceType": "CareTeam", "status": "active", "subject": subject, "participant": [place]}
        return await by.post(f"{R4}/CareTeam", json=team, headers=JSON)

    refused = issue(await sent({"reference": f"Patient/{person}"}), 400)
    assert "ctm-1" in str(refused)
    assert refused["expression"] == ["CareTeam.participant[0].member"]
    for member in ({"reference": "Practitioner/elsewhere"}, {"display": "The locum"}):
        assert (await sent(member)).status_code == 201


async def test_row_15_what_comes_along_is_declared_and_what_is_declared_comes_along(world: World):
    for row in [one for one in capability()["rest"][0]["resource"] if one["type"] in RESOURCES]:
        assert "Provenance:target" in row["searchRevInclude"], row["type"]
    by = world.client()
    await world.agency("RX1")
    person = await world.person(by)
    plan = await created(by, careplan(person))
    tracked = await created(by, provenance(f"CarePlan/{plan['id']}"))
    hits = await found(by, f"CarePlan?_id={plan['id']}&_revinclude=Provenance:target")
    assert [(one["resource"]["id"], one["search"]["mode"]) for one in hits["entry"]] == [
        (plan["id"], "match"),
        (tracked["id"], "include"),
    ]


async def test_row_17_nothing_of_somebody_else_comes_along(world: World):
    by, other = world.client(), world.client("clinician", "RX2")
    person, stranger = await world.person(by), await world.person(other)
    theirs = await created(other, goal(stranger))
    mine = await created(by, careplan(person, goal=[{"reference": f"Goal/{theirs['id']}"}]))
    nobody = await created(by, careplan(person, goal=[{"reference": "Goal/nobody"}]))
    for plan in (mine, nobody):
        hits = await found(by, f"CarePlan?_id={plan['id']}&_include=CarePlan:goal&_include=*")
        assert {one["resource"]["resourceType"] for one in hits["entry"]} <= {"CarePlan", "Patient"}
    own = world.client("person", "PERSON", person=person, scopes="patient/*.rs")
    hits = await found(own, f"Patient?_id={person}&_revinclude=CarePlan:subject&_include:iterate=CarePlan:goal")
    assert theirs["id"] not in ids(hits)


async def test_row_18_a_patients_token_reaches_its_own_compartment_alone(world: World):
    by = world.client()
    person, other = await world.person(by), await world.person(by)
    mine, theirs = await created(by, goal(person)), await created(by, goal(other))
    own = world.client("person", "PERSON", person=person, scopes="patient/Goal.rs")
    assert ids(await found(own, "Goal?lifecycle-status=active")) == [mine["id"]]
    assert ids(await found(own, f"Goal?patient={other}")) == []
    assert issue(await own.get(f"{R4}/Goal/{theirs['id']}"), 404) == issue(await own.get(f"{R4}/Goal/nobody"), 404)
    assert issue(await own.get(f"{R4}/CarePlan?patient={person}"), 403)["code"] == "forbidden"


async def test_row_19_read_is_not_search_and_a_granular_scope_is_never_taken_for_a_wide_one(world: World):
    by = world.client()
    held = await created(by, goal(await world.person(by)))
    reads, searches = world.client(scopes="system/Goal.r"), world.client(scopes="system/Goal.s")
    assert (await reads.get(f"{R4}/Goal/{held['id']}")).status_code == 200
    assert issue(await reads.get(f"{R4}/Goal?_id={held['id']}"), 403)
    assert issue(await searches.get(f"{R4}/Goal/{held['id']}"), 403)
    assert ids(await found(searches, f"Goal?_id={held['id']}")) == [held["id"]]
    granular = world.client(scopes="system/Goal.rs?category=urn:c|diet")
    assert issue(await granular.get(f"{R4}/Goal/{held['id']}"), 404)
    assert ids(await found(granular, f"Goal?_id={held['id']}")) == []
    diet = {"category": [{"coding": [{"system": "urn:c", "code": "diet"}]}]}
    within = await created(by, {**goal(held["subject"]["reference"].partition("/")[2]), **diet})
    assert ids(await found(granular, "Goal")) == [within["id"]]
    assert (await granular.get(f"{R4}/Goal/{within['id']}")).status_code == 200


@pytest.mark.parametrize("type_", ["CareTeam", "Task"])
async def test_row_20_teams_and_tasks_are_in_the_patients_compartment(world: World, type_: str):
    by = world.client()
    person = await world.person(by)
    await created(by, task(person))
    hits = await found(by, f"Patient/{person}/{type_}")
    assert len(ids(hits)) == 1
    assert {one["resource"]["resourceType"] for one in hits["entry"]} == {type_}


async def test_row_21_everything_brings_those_who_are_named_and_heeds_dates(world: World):
    by = world.client()
    await world.agency("RX1")
    person = await world.person(by)
    nurse = await created(by, {"resourceType": "Practitioner", "name": [{"family": "Ward"}]})
    who = [{"reference": f"Practitioner/{nurse['id']}"}]
    seen = {"resourceType": "Observation", "status": "final", "code": {"text": "Weight"}, "performer": who}
    subject = {"subject": {"reference": f"Patient/{person}"}}
    early = await created(by, {**seen, **subject, "effectiveDateTime": "2020-01-01"})
    late = await created(by, {**seen, **subject, "effectiveDateTime": "2026-01-01"})
    everything = await found(by, f"Patient/{person}/$everything?start=2025-01-01&end=2026-12-31&_count=100")
    assert late["id"] in ids(everything)
    assert nurse["id"] in ids(everything)
    assert early["id"] not in ids(everything)


async def test_row_26_every_form_of_a_reference_finds_the_same(world: World):
    by = world.client()
    number = world.nhs_number()
    person = await world.person(by, number)
    await created(by, goal(person))
    forms = [
        f"patient={person}",
        f"patient=Patient/{person}",
        f"patient=http://127.0.0.1{R4}/Patient/{person}",
        f"subject={person}",
        f"subject=Patient/{person}",
        f"subject:Patient={person}",
        f"patient.identifier={NHS}|{number}",
        f"subject:Patient.identifier={NHS}|{number}",
    ]
    assert [len(ids(await found(by, f"Goal?{form}"))) for form in forms] == [1] * len(forms)


async def test_row_28_every_kind_of_participant_is_taken(world: World):
    by = world.client()
    await world.agency("RX1")
    person = await world.person(by)
    kin = await created(by, {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{person}"}})
    subject = {"reference": f"Patient/{person}"}
    inner = await created(by, {"resourceType": "CareTeam", "status": "active", "subject": subject})
    nurse = await created(by, {"resourceType": "Practitioner", "name": [{"family": "Ward"}]})
    role = await created(
        by, {"resourceType": "PractitionerRole", "practitioner": {"reference": f"Practitioner/{nurse['id']}"}}
    )
    members = [
        f"Patient/{person}",
        f"RelatedPerson/{kin['id']}",
        "Organization/RX1",
        f"CareTeam/{inner['id']}",
        f"Practitioner/{nurse['id']}",
        f"PractitionerRole/{role['id']}",
    ]
    team = {"resourceType": "CareTeam", "status": "active", "subject": subject}
    made = await created(by, team | {"participant": [{"member": {"reference": one}} for one in members]})
    for member in members:
        assert made["id"] in ids(await found(by, f"CareTeam?participant={member}&_count=50"))


async def test_row_29_a_total_is_told_when_it_is_asked_for_and_a_type_has_a_history(world: World):
    by = world.client()
    person = await world.person(by)
    for n in range(3):
        await created(by, goal(person, f"goal {n}"))
    page = await found(by, "Goal?lifecycle-status=active&_count=2&_total=accurate")
    assert (page["total"], len(page["entry"])) == (3, 2)
    assert "total" not in await found(by, "Goal?lifecycle-status=active&_count=2&_total=none")
    history = (await by.get(f"{R4}/Goal/_history")).json()
    assert (history["type"], len(history["entry"])) == ("history", 3)
    assert "total" not in history
