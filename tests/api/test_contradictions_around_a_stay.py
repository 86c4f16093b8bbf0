"""The scenarios C11 to C20 through REST and FHIR: found, told to those who may know, gone when a side is put right."""

from typing import Any

import pytest

from plan.known import HOUSE
from tests.api.test_contradictions_found import Entry, findings, issues, tasks_of, write
from tests.support.larch import Larch, larch

MERGE = {"content-type": "application/merge-patch+json"}
STAY = {"status": "in_hospital", "admitted": "2026-03-02T08:00:00Z", "planned_discharge": "2026-03-06T14:00:00Z"}
BED = {"item": "Profiling bed", "status": "ordered", "delivery_booked": "2026-03-09"}
HOSPITAL: Entry = ("RX1", "transitions", "stay", STAY)
SHUT = {"decision": "deny", "status": "active", "to": [{"agency": "HA1"}], "sections": ["social_care"]}
BARTHEL = {"instrument": {"text": "Barthel index"}}

SCENARIOS: dict[str, tuple[str, str, str, list[Entry], dict[str, Any]]] = {
    "c11": (
        "c11-equipment",
        "blocking",
        "P10001",
        [("LA1", "social_care", "equipment", BED), HOSPITAL],
        {"delivery_booked": "2026-03-05"},
    ),
    "c12": (
        "c12-telecare",
        "blocking",
        "P10001",
        [("HA1", "housing", "housing", {"telecare": {"switched_off": "2026-03-03", "relied_on": True}}), HOSPITAL],
        {"telecare": {"switched_on": "2026-03-05"}},
    ),
    "c13": (
        "c13-housing-action",
        "warn",
        "P10001",
        [
            ("HA1", "housing", "housing", {"works": [{"type": "heating", "start": "2026-03-05", "detail": "Boiler"}]}),
            HOSPITAL,
        ],
        {"works": [{"type": "heating", "start": "2026-05-05", "detail": "Boiler"}]},
    ),
    "c15": (
        "c15-emergency-wishes",
        "critical",
        "P10001",
        [
            (
                "LA1",
                "contingency",
                "contingency",
                {"trigger_factors": [{"text": "Chest"}], "treatment": "full_treatment"},
            ),
            ("P10001", "legal", "legal", {"advance_decisions": [{"decision": "Ventilation", "location": "Drawer"}]}),
        ],
        {"treatment": "comfort"},
    ),
    "c17": (
        "c17-contacts",
        "warn",
        "P10001",
        [
            ("HC1", "about_me", "contact", {"name": "Ian Stone", "phone": "01632 960001"}),
            ("P10001", "about_me", "contact", {"name": "Ian Stone", "phone": "01632 960002"}),
        ],
        {"phone": "01632 960002"},
    ),
    "c18": (
        "c18-assessment",
        "warn",
        "P10001",
        [
            ("LA1", "social_care", "assessment", {**BARTHEL, "status": "in_progress", "date": "2026-03-02"}),
            ("RX1", "health", "assessment", {**BARTHEL, "date": "2026-02-26"}),
        ],
        {"status": "stopped"},
    ),
    "c20": (
        "c20-communication",
        "warn",
        "P10001",
        [("RX1", "health", "need", {"need": "Interpreter needed", "status": "active"})],
        {"status": "resolved"},
    ),
}
each = pytest.mark.parametrize("name", SCENARIOS)
doors = pytest.mark.parametrize("door", ["rest", "fhir"])


async def amend(place: Larch, entry: Entry, reference: str, change: dict[str, Any]) -> None:
    """Somebody puts their own entry right."""
    agency, section, kind, _ = entry
    shelf = f"{place.address}/plan/sections/{section}/{kind}/{reference.partition('/')[2]}"
    version = (await place.client(agency).get(shelf)).json()["version"]
    answer = await place.client(agency).patch(shelf, json=change, headers={"If-Match": f'"{version}"', **MERGE})
    assert answer.status_code == 200, answer.text


async def of_rule(place: Larch, rule: str, agency: str) -> list[dict[str, Any]]:
    """The findings of a rule as somebody sees them through REST, and that FHIR shows the same."""
    found = [one for one in (await findings(place, agency))["items"] if one["rule"] == rule]
    shown = {one["id"]: one["status"] for one in await issues(place, agency)}
    words = {"open": "preliminary", "resolved": "final", "gone": "cancelled"}
    assert all(shown[one["id"]] == words[one["status"]] for one in found)
    return found


async def asked(place: Larch, agency: str, section: str = "transitions") -> list[str]:
    """What an agency has been asked by the service and has not done."""
    answer = await place.client(agency).get(f"{place.address}/plan/sections/{section}/action")
    assert answer.status_code == 200, answer.text
    return [one["what"] for one in answer.json()["items"] if one["agency"] == HOUSE and one["status"] == "planned"]


@doors
@each
async def test_a_contradiction_is_found_and_gone_when_it_is_put_right(world, name, door):
    """c11, c12, c13, c15, c17, c18, c20."""
    rule, severity, reader, entries, mend = SCENARIOS[name]
    place = await larch(world)
    references = [await write(place, door, entry) for entry in entries]
    await place.turn()
    [found] = await of_rule(place, rule, reader)
    assert (found["severity"], found["status"]) == (severity, "open")
    assert set(found["sides"]) == set(references)
    assert {entry[0] for entry in entries} <= await tasks_of(world, place, found)
    await place.turn(minutes=1)
    assert await of_rule(place, rule, reader) == [found]
    await amend(place, entries[0], references[0], mend)
    await place.turn()
    [after] = await of_rule(place, rule, reader)
    assert after["status"] == "gone"
    assert await tasks_of(world, place, found) == set()


@doors
async def test_c14_a_long_stay_warns_three_times_until_an_adviser_has_a_task(world, door):
    place = await larch(world)
    award = await write(
        place, door, ("BA1", "benefits", "benefits", {"benefit": "attendance_allowance", "status": "awarded"})
    )
    stay = await write(
        place, door, ("RX1", "transitions", "stay", {k: v for k, v in STAY.items() if "planned" not in k})
    )
    marks = []
    for days in (13, 1, 6, 1, 6):
        await place.turn(days=days)
        marks.append([one["mark"] for one in await of_rule(place, "c14-benefits", "BA1") if one["status"] == "open"])
    assert marks == [[], ["day-14"], ["day-14"], ["day-21"], ["day-27"]]
    [last] = [one for one in await of_rule(place, "c14-benefits", "BA1") if one["status"] == "open"]
    assert set(last["sides"]) == {award, stay}
    assert "adviser" in last["proposal"]
    assert not {"stop", "lose", "entitled"} & set(last["detail"].lower().split())
    task = {"what": "Tell the payer", "status": "accepted", "who": {"reference": "Organization/BA1"}}
    await write(place, door, ("BA1", "benefits", "action", task))
    await place.turn()
    assert {one["status"] for one in await of_rule(place, "c14-benefits", "BA1")} == {"gone"}
    assert await of_rule(place, "c14-benefits", "RX1") == []


@doors
async def test_c15_only_clinicians_learn_that_a_plan_and_wishes_differ(world, door):
    _, _, _, entries, _ = SCENARIOS["c15"]
    place = await larch(world)
    for entry in entries:
        await write(place, door, entry)
    await place.turn()
    seen = {
        one: len(await of_rule(place, "c15-emergency-wishes", one)) for one in ("P10001", "RX1", "LA1", "HC1", "HUB1")
    }
    assert seen == {"P10001": 1, "RX1": 1, "LA1": 0, "HC1": 0, "HUB1": 0}
    for agency in ("HA1", "BA1"):
        assert (await findings(place, agency))["items"] == []
    [task] = await asked(place, "LA1", "contingency")
    assert "Ventilation" not in task


@doors
async def test_c16_what_still_goes_to_an_agency_that_was_shut_out_is_found_and_governance_asked(world, door):
    place = await larch(world)
    kept = (
        "LA1",
        "social_care",
        "action",
        {"what": "Lunch", "status": "planned", "who": {"reference": "Organization/HA1"}},
    )
    task = await write(place, door, kept)
    await place.turn()
    assert await of_rule(place, "c16-consent", "LA1") == []
    consent = await write(place, door, ("LA1", "about_me", "consent", SHUT))
    await place.turn()
    [found] = await of_rule(place, "c16-consent", "LA1")
    assert (found["severity"], set(found["sides"])) == ("high", {consent, task})
    assert "Stop sharing" in found["proposal"]
    assert (await findings(place, "HA1"))["items"] == []
    assert [what for what in await asked(place, "HUB1") if "Information governance" in what]
    await amend(place, kept, task, {"status": "cancelled"})
    await place.turn()
    assert [one["status"] for one in await of_rule(place, "c16-consent", "LA1")] == ["gone"]
    assert not [what for what in await asked(place, "HUB1") if "Information governance" in what]


async def test_c16_an_entry_whose_restriction_names_the_agency_is_found_by_its_holder_alone(world):
    place = await larch(world)
    body = {"need": "A secret", "status": "active", "restricted_to": ["LA1", "HA1"]}
    need = await write(place, "rest", ("LA1", "social_care", "need", body))
    await write(place, "rest", ("LA1", "about_me", "consent", SHUT))
    await place.turn()
    [found] = await of_rule(place, "c16-consent", "LA1")
    assert need in found["sides"]
    for agency in ("HA1", "HC1", "P10001", "HUB1"):
        assert (await findings(place, agency))["items"] == []
    await amend(place, ("LA1", "social_care", "need", {}), need, {"restricted_to": ["LA1"]})
    await place.turn()
    assert [one["status"] for one in await of_rule(place, "c16-consent", "LA1")] == ["gone"]


@doors
async def test_c16_a_section_that_is_open_still_after_consent_was_withdrawn_is_found_until_it_is_closed(world, door):
    place = await larch(world)
    agreed = {**SHUT, "decision": "permit"}
    consent = await write(place, door, ("LA1", "about_me", "consent", agreed))
    need = {"need": "Lonely since the winter", "status": "active"}
    await write(place, door, ("LA1", "social_care", "need", need))
    await place.turn()
    assert await of_rule(place, "c16-consent", "LA1") == []
    await amend(place, ("LA1", "about_me", "consent", {}), consent, {"status": "withdrawn"})
    await place.turn()
    [found] = await of_rule(place, "c16-consent", "LA1")
    assert (found["sides"], found["mark"]) == ([consent], "HA1")
    assert need["need"] not in found["detail"]
    assert [what for what in await asked(place, "HUB1") if "Information governance" in what]
    await write(place, door, ("LA1", "about_me", "consent", SHUT))
    await place.turn()
    assert [one["status"] for one in await of_rule(place, "c16-consent", "LA1")] == ["gone"]


@doors
async def test_c17_the_person_and_the_coordinator_are_asked_which_contact_is_right(world, door):
    place = await larch(world)
    other = ("P10001", "about_me", "contact", {"name": "Cyril Stone", "roles": ["next_of_kin"]})
    reference = await write(place, door, other)
    await place.turn()
    [found] = await of_rule(place, "c17-contacts", "HC1")
    ada = world.client("person", "SELF", person=place.ada)
    answer = await ada.get(f"{place.address}/plan/sections/about_me/action")
    assert answer.status_code == 200, answer.text
    mine = [one for one in answer.json()["items"] if one["who"] == {"reference": f"Patient/{place.ada}"}]
    assert [(one["status"], one["focus"]) for one in mine] == [("planned", f"DetectedIssue/{found['id']}")]
    assert [what for what in await asked(place, "HUB1") if "Ask the person" in what]
    await amend(place, other, reference, {"roles": ["friend"]})
    await place.turn()
    answer = await ada.get(f"{place.address}/plan/sections/about_me/action")
    assert [one["status"] for one in answer.json()["items"] if one["id"] == mine[0]["id"]] == ["cancelled"]


@doors
async def test_c19_a_goal_whose_support_was_taken_away_is_to_be_reviewed(world, door):
    place = await larch(world)
    goal = await write(place, door, ("LA1", "social_care", "goal", {"goal": "Walk to the shop", "status": "active"}))
    walking = ("HC1", "social_care", "service", {"service": "Walking support", "status": "active", "goals": [goal]})
    service = await write(place, door, walking)
    await place.turn()
    assert await of_rule(place, "c19-goal", "LA1") == []
    await amend(place, walking, service, {"status": "cancelled"})
    await place.turn()
    [found] = await of_rule(place, "c19-goal", "LA1")
    assert (found["severity"], set(found["sides"])) == ("warn", {goal, service})
    assert "Review" in found["proposal"]
    assert await tasks_of(world, place, found) == {"LA1", "HC1"}


async def test_c20_a_need_in_a_restricted_entry_is_told_to_its_holder_and_to_nobody_else(world):
    place = await larch(world)
    body = {"need": "Large print", "status": "active", "restricted_to": ["LA1"]}
    need = await write(place, "rest", ("LA1", "social_care", "need", body))
    await place.turn()
    [found] = await of_rule(place, "c20-communication", "LA1")
    assert found["sides"] == [need]
    for agency in ("RX1", "P10001", "HC1", "HA1", "HUB1", "BA1"):
        assert (await findings(place, agency))["items"] == []
