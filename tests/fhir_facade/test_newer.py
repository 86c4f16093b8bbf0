"""What R5 is searched by over stored R4 (fhir_facade.newer)."""

from types import SimpleNamespace
from typing import Any

import pytest

from fhir_facade import index as indexing
from fhir_facade import newer
from fhir_facade.index import index
from fhir_facade.offered import offered
from fhir_facade.params import params, published
from fhir_facade.query import criteria, pairs_of, parse
from fhir_facade.resources import RESOURCES
from fhir_facade.versions import VERSIONS, Version
from plan.model import IndexRow
from plan.problem import Problem, Trouble
from plan.query import Chain, Condition, Include, Point, Text, Token

BASE = "https://plans.example.org/fhir/R5"
SHOWN = {"DeviceUseStatement": "DeviceUsage", "RequestGroup": "RequestOrchestration"}
STORED = {shown: stored for stored, shown in SHOWN.items()}
R4_ONLY = {"DocumentManifest", "Media"}
R5 = Version(
    name="R5",
    prefix="/fhir/R5",
    numbers=("5.0.0", "5.0"),
    stored_type=lambda name: STORED.get(name, name),
    shown_type=lambda name: None if name in R4_ONLY else SHOWN.get(name, name),
)
IN_R5 = sorted(set(RESOURCES) - R4_ONLY)


def of(type_, name):
    """A parameter of R5, or None."""
    return offered(RESOURCES[type_], R5).get(name)


def only(type_, text):
    (condition,) = parse(type_, pairs_of(text), BASE, strict=True, version=R5).query.conditions
    return condition


@pytest.fixture
def spoken(monkeypatch):
    """R5 is spoken; its face of a resource is what `faces` says."""
    faces: dict[str, dict[str, Any]] = {}
    monkeypatch.setitem(VERSIONS, "R5", R5)
    monkeypatch.setattr(newer, "r5", SimpleNamespace(up=lambda one: faces.get(one["id"], one)))
    for cached in (indexing._compiled, indexing._later):
        cached.cache_clear()
    yield faces
    for cached in (indexing._compiled, indexing._later):
        cached.cache_clear()


@pytest.mark.parametrize("type_", IN_R5)
def test_every_published_parameter_of_r5_is_offered(type_):
    names = set(published(SHOWN.get(type_, type_), "R5"))
    assert names <= set(offered(RESOURCES[type_], R5))
    ours = {param.name for param in params(type_) if "oneplan.example" in param.definition}
    assert set(offered(RESOURCES[type_], R5)) - names <= ours | {"_id", "_lastUpdated", "_tag", "_security"} | {
        "_profile", "_source", "_language"
    }  # fmt: skip


SAME = [
    ("CarePlan", "patient", "patient"),
    ("CarePlan", "condition", "condition"),
    ("CareTeam", "date", "date"),
    ("Task", "status", "status"),
    ("Encounter", "date", "date"),
    ("Encounter", "class", "class"),
    ("Condition", "clinical-status", "clinical-status"),
    ("Observation", "code-value-quantity", "code-value-quantity"),
    ("Observation", "value-markdown", "value-string"),
    ("ServiceRequest", "code-concept", "code"),
    ("Consent", "subject", "patient"),
    ("Flag", "status", "status"),
    ("CareTeam", "role", "role"),
]


@pytest.mark.parametrize("type_, name, rows", SAME)
def test_what_means_the_same_reads_the_rows_of_r4(type_, name, rows):
    assert rows in {param.key for param in params(type_)}
    assert (of(type_, name).key, of(type_, name).version) == (rows, "R4")


HERE = [
    ("Goal", "addresses", "addresses", ("addresses",)),
    ("Goal", "description", "description", ("description",)),
    ("Goal", "target-measure", "target-measure", ("target.measure",)),
    ("Task", "output", "output", ("output.valueReference",)),
    ("RelatedPerson", "family", "family", ("name.family",)),
    ("Encounter", "date-start", "date-start", ("period.start",)),
    ("Organization", "identifier", "identifier@5", ("identifier", "qualification.identifier")),
]


@pytest.mark.parametrize("type_, name, rows, paths", HERE)
def test_what_only_r5_asks_for_is_read_from_the_r4_face_where_that_says_it(type_, name, rows, paths):
    assert (of(type_, name).key, of(type_, name).version, of(type_, name).paths) == (rows, "R4", paths)


THERE = [
    ("Encounter", "status"), ("Encounter", "location-period"), ("Composition", "status"), ("CarePlan", "intent"),
    ("AllergyIntolerance", "type"), ("Task", "actor"), ("Coverage", "class-value"),
    ("DocumentReference", "relationship"), ("MedicationStatement", "status"), ("ResearchSubject", "status"),
]  # fmt: skip


@pytest.mark.parametrize("type_, name", THERE)
def test_what_has_other_codes_or_elements_is_read_from_the_r5_face(type_, name):
    assert (of(type_, name).key, of(type_, name).version) == (f"{name}@5", "R5")


GONE = [("CarePlan", "activity-code"), ("CarePlan", "performer"), ("Consent", "scope"), ("Media", "status")]


@pytest.mark.parametrize("type_, name", GONE)
def test_what_r5_took_away_is_unknown_there(type_, name):
    assert name in offered(RESOURCES[type_])
    assert of(type_, name) is None


def test_no_two_parameters_of_a_type_mean_different_rows_by_one_name():
    for type_ in IN_R5:
        own = {param.key: param for param in params(type_)}
        for param in newer.newer(type_, SHOWN.get(type_, type_)):
            known = own.get(param.key)
            assert known is None or (known.family, known.paths) == (param.family, param.paths), (type_, param.name)


def test_the_index_has_what_r5_alone_asks_for(spoken):
    encounter = {"resourceType": "Encounter", "id": "e", "status": "finished", "period": {"start": "2026"}}
    spoken["e"] = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "completed",
        "careTeam": [{"reference": "CareTeam/t"}],
        "location": [{"location": {"reference": "Location/l"}, "period": {"start": "2026", "end": "2026"}}],
    }
    rows = index(encounter)
    tokens = {(row.param, row.code) for row in rows if row.family == "token"}
    assert {("status", "finished"), ("status@5", "completed")} <= tokens
    assert ("status@5", "finished") not in tokens
    assert IndexRow("careteam@5", "reference", "CareTeam", "t") in rows
    names = {row.param for row in rows if row.family == "date"}
    assert {"date", "date-start", "location-period@5$Location/l", "location-period@5$l"} <= names


def test_a_reference_in_the_r5_face_is_kept_as_what_it_points_to_is_stored(spoken):
    spoken["t"] = {"resourceType": "Task", "id": "t", "performer": [{"actor": {"reference": "Practitioner/p"}}]}
    spoken["t"]["requestedPerformer"] = [{"reference": {"reference": "DeviceUsage/d"}}]
    rows = index({"resourceType": "Task", "id": "t"})
    assert IndexRow("actor@5", "reference", "Practitioner", "p") in rows
    assert IndexRow("requestedperformer-reference@5", "reference", "DeviceUseStatement", "d") in rows


def test_a_type_that_r5_has_not_is_indexed_by_r4_alone(spoken):
    assert {row.param for row in index({"resourceType": "Media", "id": "m", "status": "completed"})} == {"status"}


def test_a_search_in_r5_is_in_the_words_of_r5():
    assert only("Encounter", "status=completed") == Condition("status@5", (Token("completed"),))
    official = only("Encounter", "status=http://hl7.org/fhir/encounter-status|completed")
    assert official.any_of == (Token("completed", "http://hl7.org/fhir/encounter-status"), Token("completed", ""))
    assert only("Encounter", "location-period=Location/l$2026").param == "location-period@5$Location/l"
    assert only("Goal", "_profile=http://x.org/p").any_of == (Text("http://x.org/p", "exact"),)
    assert only("Goal", "_language=de").any_of == (Token("de"),)


def test_types_are_named_as_r5_names_them_and_stored_as_r4_does():
    assert only("Task", "focus=DeviceUsage/d").any_of == (Point("d", "DeviceUseStatement"),)
    assert only("Task", "focus:DeviceUsage=d").any_of == (Point("d", "DeviceUseStatement"),)
    (chain,) = only("Task", "focus:RequestOrchestration.status=active").any_of
    assert isinstance(chain, Chain)
    assert chain.type == "RequestGroup"
    query = parse("", [("_type", "DeviceUsage"), ("_tag", "a")], BASE, version=R5).query
    assert query.types == ("DeviceUseStatement",)
    assert not R4_ONLY & set(parse("", [], BASE, version=R5).query.types)


def test_a_chain_in_r5_goes_by_the_parameters_of_r5():
    (chain,) = only("Task", "actor:PractitionerRole.characteristic=x").any_of
    assert isinstance(chain, Chain)
    assert (chain.type, chain.conditions[0].param) == ("PractitionerRole", "characteristic@5")
    assert only("Patient", "_has:Encounter:subject:status=completed").any_of[0].conditions[0].param == "status@5"


def test_inclusions_and_order_in_r5():
    query = parse("Task", pairs_of("_include=Task:actor&_sort=actor"), BASE, strict=True, version=R5).query
    assert query.includes == (Include("Task", "actor@5"),)
    assert query.sort[0].param == "actor@5"
    (found,) = parse("Goal", [("_revinclude", "DeviceUsage:*")], BASE, strict=True, version=R5).query.includes
    assert found.source == "DeviceUseStatement"


def test_criteria_in_r5_know_what_r5_knows():
    assert criteria("Goal", "description=x", BASE, R5).conditions[0].param == "description"
    with pytest.raises(Problem) as caught:
        criteria("Goal", "description=x", BASE)
    assert caught.value.trouble is Trouble.NOT_SUPPORTED


def test_without_r5_nothing_is_read_for_it(monkeypatch):
    monkeypatch.delitem(VERSIONS, "R5", raising=False)
    assert list(newer.on_this_face("Goal")) == list(newer.on_that_face("Goal")) == []
