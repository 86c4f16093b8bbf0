"""Events of the audit as AuditEvents by the patterns of IHE BALP; each is valid by our own validation, in R4 and R5.

The table says of each pattern what the profile asks: type, subtype, action, outcome, who is client, server and user,
and which entities there are.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fhir_facade import exact, r5
from fhir_facade.audit_event import audit_event, id_of, name_of, parts_of
from fhir_facade.validate import validate
from plan.audit import Event, Named
from plan.model import PersonId

PERSON = PersonId("01900000-0000-8000-8000-000000000012")
BASE = "https://plans.example/fhir/R4"
DONE = Event(
    person=PERSON,
    id="01a22239-0624-7b5f-86a0-c8a1741bdb07",
    at=1_770_000_000_123,
    subject="clinician-rx1",
    agency="RX1",
    role="clinician",
    purpose="TREAT",
    client="an-app",
    action="R",
    door="fhir-r4",
    type="Goal",
    target="01a22239-0000-7b5f-86a0-c8a1741bdb07",
    sections=("health", "housing"),
    allowed=True,
    question="",
    charter="0123456789ab",
    request="q-1",
)
NAMES = {"clinician-rx1": Named("PractitionerRole", "Ward Sister Test"), "RX1": Named("Organization", "Test Hospital")}
REFUSED: dict[str, Any] = {"allowed": False, "sections": ()}


@dataclass(frozen=True)
class Pattern:
    """What one pattern of BALP looks like: `profile` is empty where none is claimed."""

    event: Event
    profile: str
    type: str
    subtype: str
    action: str
    outcome: str
    client: str
    server: str
    user: str
    entities: tuple[str, ...]


_SECTIONS = ("health", "housing")
PATTERNS: Mapping[str, Pattern] = {
    "create": Pattern(
        replace(DONE, action="C"), "PatientCreate", "rest", "create", "C", "0", "110153", "110152", "AUT",
        ("2/4", "1/1", *_SECTIONS, "XrequestId"),
    ),
    "read": Pattern(
        DONE, "PatientRead", "rest", "read", "R", "0", "110152", "110153", "IRCP",
        ("2/4", "1/1", *_SECTIONS, "XrequestId"),
    ),
    "update": Pattern(
        replace(DONE, action="U"), "PatientUpdate", "rest", "update", "U", "0", "110153", "110152", "AUT",
        ("2/4", "1/1", *_SECTIONS, "XrequestId"),
    ),
    "delete": Pattern(
        replace(DONE, action="D"), "PatientDelete", "rest", "delete", "D", "0", "110150", "custodian", "AUT",
        ("2/4", "1/1", *_SECTIONS, "XrequestId"),
    ),
    "patient query": Pattern(
        replace(DONE, action="E", target=""), "PatientQuery", "rest", "search-type", "E", "0", "110153", "110152",
        "IRCP", ("2/24", "1/1", *_SECTIONS, "XrequestId"),
    ),
    "query": Pattern(
        replace(DONE, action="E", target="", type="*", person=PersonId(""), sections=()), "Query", "rest",
        "search-system", "E", "0", "110153", "110152", "IRCP", ("2/24", "XrequestId"),
    ),
    "read of the directory": Pattern(
        replace(DONE, type="Organization", target="RX1", person=PersonId(""), sections=()), "Read", "rest", "read",
        "R", "0", "110152", "110153", "IRCP", ("2/4", "XrequestId"),
    ),
    "consent decision, deny": Pattern(
        replace(DONE, question="consent", **REFUSED), "", "110113", "AuthZ-Consent", "E", "8", "110150",
        "authserver", "IRCP", ("2/4", "1/1", "Consent", "XrequestId"),
    ),
    "authorisation decision, deny": Pattern(
        replace(DONE, question="relationship", action="E", **REFUSED), "", "110113", "AuthZ-Role", "E", "8", "110150",
        "authserver", "IRCP", ("2/4", "1/1", "Consent", "XrequestId"),
    ),
    "authorisation decision, permit": Pattern(
        replace(DONE, type="override", action="E", purpose="BTG", sections=()), "", "110113", "AuthZ-Role", "E", "0",
        "110150", "authserver", "IRCP", ("2/4", "1/1", "Consent", "XrequestId"),
    ),
    "a request that failed": Pattern(
        replace(DONE, action="U", question="request", **REFUSED), "", "rest", "update", "U", "4", "110153", "110152",
        "AUT", ("2/4", "1/1", "XrequestId"),
    ),
    "nobody had signed in": Pattern(
        replace(DONE, subject="", agency="", role="", purpose="", client="", person=PersonId(""), type="", target="",
                question="token", **REFUSED), "", "110113", "AuthZ-Role", "E", "8", "110150", "authserver", "",
        ("2/4", "Consent", "XrequestId"),
    ),
}  # fmt: skip


def shown(event: Event, names: Mapping[str, Named] = NAMES) -> dict[str, Any]:
    return dict(json.loads(exact.text(audit_event(event, names, BASE))))


def code(held: dict[str, Any]) -> str:
    return str(held.get("coding", [held])[0]["code"])


@pytest.mark.parametrize("name", PATTERNS)
def test_each_pattern_says_what_its_profile_asks(name: str) -> None:
    pattern = PATTERNS[name]
    said = shown(pattern.event)
    profiles = [one.rpartition(".")[2] for one in said["meta"].get("profile", ())]
    assert profiles == ([pattern.profile] if pattern.profile else [])
    assert (code(said["type"]), [code(one) for one in said["subtype"]]) == (pattern.type, [pattern.subtype])
    assert (said["action"], said["outcome"]) == (pattern.action, pattern.outcome)
    assert said["recorded"] == "2026-02-02T02:40:00.123Z"
    client, server, *people = said["agent"]
    assert (code(client["type"]), code(server["type"])) == (pattern.client, pattern.server)
    assert "network" in client
    assert server["network"] == {"address": BASE, "type": "5"}
    assert [code(one["type"]) for one in people] == ([pattern.user, "PROV"] if pattern.user else [])
    assert [one["requestor"] for one in said["agent"]] == ([False, False, True, False] if pattern.user else [False] * 2)
    entities = [code(one["type"]) + (f"/{code(one['role'])}" if "role" in one else "") for one in said["entity"]]
    assert entities == list(pattern.entities)
    assert ("outcomeDesc" in said) is (pattern.outcome != "0")


@pytest.mark.parametrize("name", PATTERNS)
def test_each_pattern_is_valid_in_both_versions(name: str) -> None:
    face = audit_event(PATTERNS[name].event, NAMES, BASE)
    validate(exact.stored(exact.text(face)))
    validate(exact.stored(r5.shown(exact.text(face))), "AuditEvent", "R5")
    assert r5.down(r5.up(exact.stored(exact.text(face)))) == exact.stored(exact.text(face))


def test_who_it_was_stands_with_name_role_purpose_and_agency() -> None:
    *_, user, agency = shown(DONE)["agent"]
    assert user["who"]["reference"] == "PractitionerRole/clinician-rx1"
    assert user["name"] == user["who"]["display"] == "Ward Sister Test"
    assert (code(user["role"][0]), code(user["purposeOfUse"][0])) == ("clinician", "TREAT")
    assert agency["who"]["reference"] == "Organization/RX1"
    assert agency["policy"] == ["https://oneplan.example/Id/charter/0123456789ab"]


def test_whom_the_directory_does_not_know_is_named_by_an_identifier() -> None:
    *_, user, agency = shown(DONE, {})["agent"]
    assert user["who"] == {"identifier": {"system": "https://oneplan.example/Id/subject", "value": "clinician-rx1"}}
    assert "name" not in user
    assert agency["who"]["identifier"]["value"] == "RX1"
    nameless = shown(DONE, {"clinician-rx1": Named("PractitionerRole", "")})["agent"][2]
    assert nameless["who"]["reference"] == "PractitionerRole/clinician-rx1"


def test_what_a_token_did_not_say_is_left_out() -> None:
    said = shown(replace(DONE, purpose="", agency=""))["agent"]
    assert len(said) == 3
    assert "purposeOfUse" not in said[2]


def test_the_person_themself_is_the_patient() -> None:
    themself = replace(DONE, role="person", subject="ada-test")
    assert shown(themself)["agent"][2]["who"] == {"reference": f"Patient/{PERSON}"}
    nobodys = replace(themself, person=PersonId(""))
    assert shown(nobodys)["agent"][2]["who"] == {"display": "The person"}


@pytest.mark.parametrize(
    "change, expected",
    [
        ({}, {"reference": f"Goal/{DONE.target}"}),
        ({"type": "Patient", "target": PERSON}, {"reference": f"Patient/{PERSON}"}),
        ({"type": "CarePlan", "target": PERSON}, {"type": "CarePlan", "display": "The plan, or a part of it"}),
        ({"type": "Goal", "target": ""}, {"type": "Goal", "display": "The plan, or a part of it"}),
        ({"type": "Patient", "target": "$match"}, {"type": "Patient", "display": "The plan, or a part of it"}),
        ({"type": "", "target": ""}, {"display": "The plan, or a part of it"}),
    ],
)
def test_what_was_meant_is_an_address_and_never_a_wrong_one(change: dict[str, Any], expected: dict[str, str]) -> None:
    assert shown(replace(DONE, **change))["entity"][0]["what"] == expected


def test_the_text_of_a_search_is_said_to_be_kept_from_view_and_a_request_without_id_is_left_out() -> None:
    query = shown(replace(DONE, action="E"))["entity"][0]
    assert query["_query"]["extension"][0]["valueCode"] == "masked"
    assert "query" not in query
    assert "what" not in query
    assert "XrequestId" not in str(shown(replace(DONE, request="")))


@pytest.mark.parametrize(
    "event", ["00000000-0000-7000-8000-000000000000", DONE.id, "ffffffff-ffff-7fff-bfff-ffffffffffff"]
)
def test_an_id_names_the_person_and_the_event_and_is_a_fhir_id(event: str) -> None:
    id_ = id_of(replace(DONE, id=event))
    assert len(id_) <= 64
    assert parts_of(id_) == (PERSON, event)


@pytest.mark.parametrize(
    "text", ["", "x", PERSON, f".{PERSON}", "0" * 25, f"{'0' * 25}.", f"{'_' * 25}.x", f"{'z' * 25}.x"]
)
def test_what_is_no_id_of_an_event_names_nothing(text: str) -> None:
    assert parts_of(text) is None


@pytest.mark.parametrize(
    "face, expected",
    [
        ({"name": "Test Hospital"}, "Test Hospital"),
        ({"name": [{"text": "Ward Sister Test"}]}, "Ward Sister Test"),
        ({"name": [{"given": ["Sam", "Jo"], "family": "Test"}]}, "Sam Jo Test"),
        ({"name": []}, ""),
        ({}, ""),
    ],
)
def test_names_are_those_of_the_directory(face: dict[str, Any], expected: str) -> None:
    assert name_of(face) == expected
