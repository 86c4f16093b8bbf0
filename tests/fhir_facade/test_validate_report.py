"""The validator report: what the manifest of the examples says that the official validator finds, and what we find.

`expected.validatorErrors` is how many errors HL7's validator reports for a file of its own test cases; a file without
it was published as an example. ONEPLAN_FHIR_EXAMPLES says where the files are.
"""

import json
import sys
from functools import cache
from typing import Any

import pytest

from fhir_facade import exact
from fhir_facade.release import VersionName
from fhir_facade.validate import validate
from plan.problem import Problem
from tests.support.bodies import EXAMPLES

Json = Any
MANIFEST = EXAMPLES / "MANIFEST.jsonl"
pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(),
    reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest",
)

NEEDS = {
    "hl7-fhir-validator-cases/Bundle/ips-htmlrefs-backwards.json": "profile: the definition of an extension",
    "hl7-fhir-validator-cases/Encounter/encounter.json": "terminology, of a profile of its own",
    "hl7-fhir-validator-cases/Observation/obs-temp-bad.json": "profile: body temperature",
    "hl7-fhir-validator-cases/PractitionerRole/practitioner-role-example.json": "terminology: a display",
    "hl7-fhir-validator-cases/QuestionnaireResponse/nested-questionnaire-nested-valueset.json": "profile: an extension",
}
"""Files whose every error needs a terminology server or a profile: the others are for us to refuse."""
MISSED = {
    "hl7-fhir-validator-cases/CareTeam/fhirpath-bad.json": "ctm-1 of R5 about a Practitioner who is not at hand: the "
    "reference says Practitioner, as the rule asks, and whoever has the whole plan has them",
}
"""Files that are for us to refuse, and are not."""
BARE_ID = "refers by something that is no Type/id of a legal id and no address"
INTEGER64 = "an integer64 as a JSON number: R5 json.html writes it as a string"
NOT_VALID = {
    "chronic-care-sample/Bundle/va-dan-6-labs-covid.json": "times without seconds or zone",
    "eu-xshare-careplan/Bundle/KronIQ_CarePlan_example_1_English_.json": BARE_ID,
    "fsh-eu-xshare/fsh/CarePlan/CarePlan-xshare-careplan-example.json": BARE_ID,
    "fsh-eu-xshare/fsh/CareTeam/CareTeam-xshare-careplan-careteam-example.json": BARE_ID,
    "fsh-eu-xshare/fsh/Goal/Goal-xshare-careplan-goal-example.json": BARE_ID,
    "fsh-eu-xshare/fsh/ServiceRequest/ServiceRequest-xshare-careplan-servicerequest-example.json": BARE_ID,
    "hl7-core-r5/Bundle/notification-query-event.json": INTEGER64,
    "hl7-core-r5/Communication/communication-example-fm-solicited-attachment.json": INTEGER64,
    "hl7-core-r5/DocumentReference/documentreference-example.json": INTEGER64,
    "hl7-core-r5/Encounter/encounter-example.json": "its careTeam refers to an Encounter",
    "hl7-fhir-test-cases-examples/Bundle/bundle-resource-element-test.json": "resources without required elements",
    "hl7-fhir-test-cases-examples/Bundle/r4-caredove-bundle.json": "numbers as ids, an empty narrative",
    "hl7-fhir-test-cases-examples/Consent/myconsent-resource.json": "an STU3 Consent: no scope, no category",
    "hl7-fhir-test-cases-examples/Patient/patient-container-example.json": BARE_ID,
    "hl7-fhir-test-cases-examples/QuestionnaireResponse/qrext.json": "no status, a number in quotes",
    "hl7-fhir-validator-cases/Observation/simpl-example.json": "times without a zone",
    "inferno-ref/Bundle/d831ec91-c7a3-4a61-9312-7ff0c4a32134.json": "request.url misspelt `rul`",
    "mcc-sample-data/Bundle/Lucien408_Herzog843_9c67d64e-d36e-e626-16e9-75aa668b9835.json": "no request.url",
    "mcc-sample-data/Bundle/Nigel915_Reilly981_fc7fb56f-f384-f6ae-4266-ce3282cd2069.json": "no request.url",
    "nhs-bars/Bundle/GET-success-empty.json": "an empty array",
    "nhs-bars/DocumentReference/POST-success.json": "no status, no content",
    "nhs-bars/ServiceRequest/POST-success.json": "basedOn is no array",
    "ukcore/xml2json/Condition/Extension-UKCore-ConditionEpisode-Example.json": "two values in one extension",
    "ukcore/xml2json/Provenance/UKCore-Provenance-RARecordConsent-Example.json": BARE_ID,
}
"""Files that no manifest marks and that break their version of FHIR all the same, with the reason: the whole list."""


def manifest() -> list[Json]:
    """What the manifest says of each file."""
    return [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()]


def rows() -> list[Json]:
    """The files of R4 and R5."""
    return [row for row in manifest() if row["fhirVersion"] in ("R4", "R4B", "R5")]


@cache
def ours(path: str, version: VersionName) -> str:
    """The first fault that we find, with its place; "" for none."""
    try:
        validate(exact.loads((EXAMPLES / path).read_bytes()), None, version)
    except Problem as problem:
        fault = problem.faults[0]
        return f"{'.'.join(map(str, fault.where))}: {fault.what}" if fault.where else fault.what
    return ""


def verdict(row: Json) -> str:
    return ours(row["path"], "R5" if row["fhirVersion"] == "R5" else "R4")


def expected() -> list[Json]:
    return [row for row in rows() if "expected" in row]


def erring() -> list[Json]:
    return [row for row in expected() if row["expected"]["validatorErrors"]]


def test_of_the_files_that_are_wrong_in_themselves_at_least_nine_in_ten_are_refused():
    form = "{:<58} {:>8} {:<60} {}\n"
    sys.stdout.write(form.format("file", "expected", "ours", "category"))
    for row in expected():
        name = row["path"].removeprefix("hl7-fhir-validator-cases/")
        category = NEEDS.get(row["path"]) or ", ".join(row["expected"]["baseCategories"])
        found = verdict(row) or "not refused"
        sys.stdout.write(form.format(name[:58], row["expected"]["validatorErrors"], found[:60], category))
    own = [row["path"] for row in erring() if row["path"] not in NEEDS]
    missed = [path for path in own if not verdict(next(row for row in erring() if row["path"] == path))]
    assert set(missed) == MISSED.keys()
    assert len(own) - len(missed) >= 0.9 * len(own)
    assert len(own) >= 15


def test_a_file_in_which_the_official_validator_finds_nothing_is_taken():
    accepted = [row for row in expected() if not row["expected"]["validatorErrors"]]
    assert {row["path"]: verdict(row) for row in accepted if verdict(row)} == {}
    assert len(accepted) >= 4


def test_what_needs_a_profile_or_a_terminology_is_not_guessed_at():
    assert {row["path"] for row in erring() if row["path"] in NEEDS and not verdict(row)} == NEEDS.keys()


def test_every_good_file_is_taken_but_a_closed_list():
    good = [row for row in rows() if not row.get("expected", {}).get("validatorErrors") and "malformedJson" not in row]
    refused = {row["path"]: verdict(row) for row in good if verdict(row)}
    assert refused.keys() == NOT_VALID.keys(), refused
    assert sum(row["fhirVersion"] == "R5" for row in good) > 40


def test_every_file_that_is_no_json_is_refused():
    malformed = [row for row in manifest() if "malformedJson" in row]
    assert all(verdict(row) for row in malformed)
    assert len(malformed) == 5
