"""The table of served types against the published R4 definitions (fhir_facade.resources)."""

import pytest

from fhir_facade.elements import node
from fhir_facade.params import Param, params
from fhir_facade.resources import RESOURCES, Resource, served
from plan.model import Section
from plan.problem import Problem, Trouble

ROWS = list(RESOURCES.values())
each = pytest.mark.parametrize("row", ROWS, ids=[row.type for row in ROWS])


def kind_at(type_: str, path: str) -> str:
    """The data type at a dotted path of the published definition."""
    name, _, rest = path.partition(".")
    kind = node(type_).elements[name].type
    return kind_at(kind, rest) if rest else kind


@each
def test_what_names_the_person_is_a_reference_in_the_standard(row: Resource) -> None:
    assert {kind_at(row.type, path) for path in row.person} <= {"Reference"}


@each
def test_a_status_is_a_code_in_the_standard(row: Resource) -> None:
    assert not row.status or kind_at(row.type, row.status) == "code"


@each
def test_every_type_belongs_to_a_person_or_to_the_directory(row: Resource) -> None:
    assert (bool(row.person) or row.type == "Patient") is not row.directory


@each
def test_the_search_by_patient_looks_where_the_table_looks(row: Resource) -> None:
    found = {param.name: param.paths for param in row.params}
    looked = {path.partition("[")[0] for name in ("patient", "subject") for path in found.get(name, ())}
    assert row.directory or looked <= set(row.person)


@pytest.mark.parametrize("type_", ["Group", "Person", "Schedule", "Linkage", "careplan", "", "../Patient"])
def test_a_type_that_is_not_served_is_not_found_and_told_so(type_: str) -> None:
    with pytest.raises(Problem) as raised:
        served(type_)
    assert raised.value.trouble is Trouble.NOT_FOUND
    assert "not a resource type that is served" in raised.value.detail


@pytest.mark.parametrize(
    "type_,section",
    [
        ("Patient", Section.FRAME),
        ("AllergyIntolerance", Section.HEALTH),
        ("Coverage", Section.HEALTH),
        ("Encounter", Section.TRANSITIONS),
        ("Consent", Section.ABOUT_ME),
        ("Task", None),
        ("CarePlan", None),
    ],
)
def test_where_a_resource_stands_when_nobody_says(type_: str, section: Section | None) -> None:
    assert served(type_).section is section


@pytest.mark.parametrize(
    "type_,param",
    [
        ("CarePlan", Param("patient", "reference", ("subject[Patient]",))),
        ("CareTeam", Param("participant", "reference", ("participant.member",))),
        ("Task", Param("patient", "reference", ("for[Patient]",))),
        ("Patient", Param("phone", "token", ("telecom[system=phone]",))),
        ("Condition", Param("onset-date", "date", ("onsetDateTime", "onsetPeriod"))),
        ("Goal", Param("lifecycle-status", "token", ("lifecycleStatus",))),
    ],
)
def test_search_parameters_are_the_published_ones(type_: str, param: Param) -> None:
    assert (param.name, param.family, param.paths) in {(one.name, one.family, one.paths) for one in params(type_)}


@pytest.mark.parametrize(
    "type_,invented", [("Goal", "description"), ("RelatedPerson", "family"), ("CarePlan", "activity-goal")]
)
def test_no_parameter_is_invented(type_: str, invented: str) -> None:
    assert invented not in {param.name for param in params(type_)}


@pytest.mark.parametrize("type_,own", [("Flag", "status"), ("Flag", "category"), ("CareTeam", "role")])
def test_what_r4_lacks_is_ours_and_says_so(type_: str, own: str) -> None:
    (param,) = (param for param in params(type_) if param.name == own)
    assert param.definition.startswith("https://oneplan.example/fhir/SearchParameter/")
