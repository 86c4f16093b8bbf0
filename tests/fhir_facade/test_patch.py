"""FHIRPath Patch (fhir_facade.fhirpath_patch): what each operation makes of a resource, and what is no patch.

The kinds of cases are those of the patch tests that HL7 publishes; the resources are our own.
"""

import copy

import pytest

from fhir_facade import exact, patch
from fhir_facade.patching import LARGEST, MOST_OPERATIONS
from plan.problem import Problem, Trouble


def person(**more):
    return {"resourceType": "Patient", **more}


def numbers(*values):
    return [{"system": "urn:x", "value": str(value)} for value in values]


def operation(type_, path, value=None, **more):
    """One operation; `value` is a part without its name."""
    parts = [{"name": "type", "valueCode": type_}, {"name": "path", "valueString": path}]
    for name, said in more.items():
        parts.append({"name": name, "valueInteger" if isinstance(said, int) else "valueString": said})
    if value is not None:
        parts.append({"name": "value", **value})
    return {"name": "operation", "part": parts}


def parameters(*operations):
    return {"resourceType": "Parameters", **({"parameter": list(operations)} if operations else {})}


SAM = person(contact=[{"name": {"text": "Sam"}, "gender": "male"}])
LIST = person(identifier=numbers(1, 2, 3, 4))
TEXT = {"valueString": "x"}
EXTENSION = {"part": [{"name": "url", "valueUri": "urn:x"}, {"name": "value", **TEXT}]}
EXTENDED = {"extension": [{"url": "urn:x", "valueString": "x"}]}
GIVEN = person(name=[{"given": ["A", "B"], "_given": [None, {"id": "b"}]}])
TWO_NAMES = person(name=[{"use": "official", "family": "Test"}, {"use": "usual", "family": "Try"}])
DEAD = person(deceasedBoolean=True)
FIVE = {"valueIdentifier": numbers(5)[0]}
MARRIED = {"text": "married"}
BORN = person(birthDate="1920-01-01")

PHONES = [{"system": "phone", "value": "1"}, {"system": "phone", "value": "2"}]
MADE = [
    ("nothing", BORN, (), BORN),
    ("replace a primitive", BORN, [operation("replace", "Patient.birthDate", {"valueDate": "1930"})],
     person(birthDate="1930")),
    ("delete a primitive", BORN, [operation("delete", "Patient.birthDate")], person()),
    ("delete what is not there", person(), [operation("delete", "Patient.birthDate")], person()),
    ("add a primitive", person(), [operation("add", "Patient", {"valueDate": "1930"}, name="birthDate")],
     person(birthDate="1930")),
    ("without the type in front", BORN, [operation("delete", "birthDate")], person()),
    ("replace a nested primitive", SAM, [operation("replace", "Patient.contact[0].gender", {"valueCode": "female"})],
     person(contact=[{"name": {"text": "Sam"}, "gender": "female"}])),
    ("replace deeper", SAM, [operation("replace", "Patient.contact[0].name.text", {"valueString": "Kim"})],
     person(contact=[{"name": {"text": "Kim"}, "gender": "male"}])),
    ("delete a nested primitive", SAM, [operation("delete", "Patient.contact[0].gender")],
     person(contact=[{"name": {"text": "Sam"}}])),
    ("what becomes empty goes", SAM, [operation("delete", "Patient.contact[0].name.text")],
     person(contact=[{"gender": "male"}])),
    ("add a nested primitive", person(contact=[{"gender": "male"}]),
     [operation("add", "Patient.contact[0]", {"valueHumanName": {"text": "Sam"}}, name="name")],
     person(contact=[{"gender": "male", "name": {"text": "Sam"}}])),
    ("add an object", person(),
     [operation("add", "Patient", {"valueCodeableConcept": MARRIED}, name="maritalStatus")],
     person(maritalStatus=MARRIED)),
    ("replace an object", person(maritalStatus={"id": "1", "text": "a"}),
     [operation("replace", "Patient.maritalStatus", {"valueCodeableConcept": {"id": "2", "text": "b"}})],
     person(maritalStatus={"id": "2", "text": "b"})),
    ("delete an object", person(maritalStatus={"text": "a"}), [operation("delete", "Patient.maritalStatus")], person()),
    ("add a part without a type", person(),
     [operation("add", "Patient", {"part": [{"name": "name", "valueHumanName": {"text": "Sam"}}]}, name="contact")],
     person(contact=[{"name": {"text": "Sam"}}])),
    ("a part with a list in it", person(),
     [operation("add", "Patient", {"part": [{"name": "telecom", "valueContactPoint": phone} for phone in PHONES]},
                name="contact")],
     person(contact=[{"telecom": PHONES}])),
    ("delete the only one", SAM, [operation("delete", "Patient.contact[0]")], person()),
    ("change two of a list", LIST, [operation("replace", "Patient.identifier[0].value", {"valueString": "4"}),
                                    operation("replace", "Patient.identifier[3].value", {"valueString": "1"})],
     person(identifier=numbers(4, 2, 3, 1))),
    ("add to a list", LIST, [operation("add", "Patient", FIVE, name="identifier")],
     person(identifier=numbers(1, 2, 3, 4, 5))),
    ("insert at the end", LIST, [operation("insert", "Patient.identifier", FIVE, index=4)],
     person(identifier=numbers(1, 2, 3, 4, 5))),
    ("insert in between", LIST, [operation("insert", "Patient.identifier", FIVE, index=1)],
     person(identifier=numbers(1, 5, 2, 3, 4))),
    ("insert the first", person(), [operation("insert", "Patient.identifier", FIVE, index=0)],
     person(identifier=numbers(5))),
    ("delete one of a list", LIST, [operation("delete", "Patient.identifier[1]")], person(identifier=numbers(1, 3, 4))),
    ("move up", LIST, [operation("move", "Patient.identifier", source=3, destination=1)],
     person(identifier=numbers(1, 4, 2, 3))),
    ("move down", LIST, [operation("move", "Patient.identifier", source=0, destination=3)],
     person(identifier=numbers(2, 3, 4, 1))),
    ("turn around", LIST, [operation("move", "Patient.identifier", source=3, destination=at) for at in range(3)],
     person(identifier=numbers(4, 3, 2, 1))),
    ("the one of which something holds", TWO_NAMES,
     [operation("replace", "Patient.name.where(use = 'usual' and family='Try').family", {"valueString": "Tested"})],
     person(name=[TWO_NAMES["name"][0], {"use": "usual", "family": "Tested"}])),
    ("the first and the last", TWO_NAMES, [operation("delete", "Patient.name.first().use"),
                                           operation("delete", "Patient.name.last().`use`")],
     person(name=[{"family": "Test"}, {"family": "Try"}])),
    ("one by what is deeper in it", SAM, [operation("delete", "Patient.contact.where(name.text = 'Sam').gender")],
     person(contact=[{"name": {"text": "Sam"}}])),
    ("another type of a choice", DEAD, [operation("replace", "Patient.deceased", {"valueDateTime": "2020"})],
     person(deceasedDateTime="2020")),
    ("a choice by its type", DEAD, [operation("delete", "Patient.deceased.ofType(FHIR.boolean)")], person()),
    ("a choice of another type", DEAD, [operation("delete", "Patient.deceased.ofType(dateTime)")], DEAD),
    ("a value that is true", DEAD, [operation("delete", "Patient.where(deceased = true).deceased")], person()),
    ("1 is not true", DEAD, [operation("delete", "Patient.where(deceased = 1).deceased")], DEAD),
    ("a number", person(multipleBirthInteger=2),
     [operation("delete", "Patient.where(multipleBirth=2.0).multipleBirth")],
     person()),
    ("a date", BORN, [operation("delete", "Patient.where(birthDate = @1920-01-01).birthDate")], person()),
    ("what stands aside of one of a list", GIVEN,
     [operation("delete", "Patient.name[0].given[0]")],
     person(name=[{"given": ["B"], "_given": [{"id": "b"}]}])),
    ("what stands aside moves along", GIVEN, [operation("move", "Patient.name[0].given", source=1, destination=0)],
     person(name=[{"given": ["B", "A"], "_given": [{"id": "b"}, None]}])),
    ("what stands aside goes with it", GIVEN, [operation("delete", "Patient.name[0].given[1]")],
     person(name=[{"given": ["A"]}])),
    ("what stands aside goes alone", GIVEN, [operation("delete", "Patient.name[0].given[1].id")],
     person(name=[{"given": ["A", "B"]}])),
    ("extend a primitive", BORN, [operation("add", "Patient.birthDate", EXTENSION, name="extension")],
     person(birthDate="1920-01-01", _birthDate=EXTENDED)),
    ("extend one of a list", person(name=[{"given": ["A", "B"]}]),
     [operation("add", "Patient.name[0].given[1]", EXTENSION, name="extension")],
     person(name=[{"given": ["A", "B"], "_given": [None, EXTENDED]}])),
    ("an extension by its url", person(**EXTENDED), [operation("replace", "Patient.extension('urn:x').value", TEXT)],
     person(**EXTENDED)),
    ("a primitive that is only extended", person(),
     [operation("add", "Patient", {"_valueDate": EXTENDED}, name="birthDate")], person(_birthDate=EXTENDED)),
    ("a primitive that was only extended", person(_birthDate=EXTENDED),
     [operation("replace", "Patient.birthDate", {"valueDate": "1930"})], person(birthDate="1930")),
    ("in what is contained", person(contained=[{"resourceType": "Organization", "name": "A"}]),
     [operation("replace", "Patient.contained[0].name", TEXT)],
     person(contained=[{"resourceType": "Organization", "name": "x"}])),
    ("an escaped text", person(language="it's"), [operation("delete", r"Patient.where(language = 'it\'s').language")],
     person()),
]  # fmt: skip


@pytest.mark.parametrize("before, operations, after", [row[1:] for row in MADE], ids=[row[0] for row in MADE])
def test_row_25_a_patch_does_what_it_says(before, operations, after):
    kept = copy.deepcopy(before)
    assert patch.apply(before, parameters(*operations)) == after
    assert before == kept


UNFIT = [
    operation("add", "Patient.identifier.where(use = 'official').period", {"valueDate": "2021"}, name="end"),
    operation("add", "Patient", {"valueDate": "2021"}, name="birthDate"),
    operation("add", "Patient", TEXT, name="maritalStatus"),
    operation("add", "Patient", {"valueCodeableConcept": {"text": "x"}}, name="gender"),
    operation("add", "Patient", {"part": [{"name": "value", **TEXT}]}, name="gender"),
    operation("replace", "Patient.gender", {"valueCode": "male"}),
    operation("replace", "Patient", TEXT),
    operation("delete", "Patient"),
    operation("delete", "Patient.name"),
    operation("insert", "Patient.name", {"valueHumanName": {"text": "x"}}, index=3),
    operation("insert", "Patient.birthDate", {"valueDate": "2021"}, index=0),
    operation("move", "Patient.name", source=2, destination=0),
    operation("move", "Patient.name", source=0, destination=2),
]


@pytest.mark.parametrize("bad", UNFIT)
def test_row_25_what_does_not_fit_the_resource_is_refused(bad):
    said = problem(parameters(bad))
    assert said.trouble is Trouble.UNPROCESSABLE
    assert said.faults[0].where[:3] == ("Parameters", "parameter", 0)


def value(name, **held):
    return {"name": name, **held}


TYPE, PATH = value("type", valueCode="add"), value("path", valueString="Patient")
MALFORMED = [
    operation("steal", "Patient.name"),
    operation("insert", "Patient.name[0]", TEXT, index=0),
    operation("insert", "Patient", TEXT, index=0),
    operation("insert", "Patient.name", TEXT, index=-1),
    operation("insert", "Patient.name", TEXT),
    operation("add", "Patient", TEXT),
    operation("add", "Patient", name="language"),
    operation("add", "Patient", {"extension": EXTENDED["extension"]}, name="language"),
    operation("add", "Patient", TEXT, name="nonsense"),
    operation("add", "Patient", TEXT, name="resourceType"),
    operation("delete", "Patient.nonsense"),
    {"name": "step", "part": [TYPE, PATH]},
    {"name": "operation"},
    {"name": "operation", "part": [TYPE, TYPE, PATH]},
    {"name": "operation", "part": [TYPE, PATH, value("value", **TEXT), value("value", **TEXT)]},
    {"name": "operation", "part": [TYPE, PATH, value("nonsense", **TEXT)]},
    {"name": "operation", "part": [{"valueCode": "add"}]},
]  # fmt: skip


@pytest.mark.parametrize("bad", MALFORMED)
def test_row_25_what_is_no_patch_is_refused(bad):
    said = problem(parameters(bad))
    assert said.trouble.value.status == 400
    assert said.faults[0].where[:3] == ("Parameters", "parameter", 0)


PATHS = [
    "", ".", "Patient.", "Patient..name", "Patient.name[", "Patient.name[0", "Patient.name[x]", "Patient.name[1.5]",
    "Patient.name[-1]", "Patient.name]", "Patient.name{0}", "Patient.name.where(", "Patient.name.where()",
    "Patient.name.where(use)", "Patient.name.where(use = )", "Patient.name.where(use = 'a'",
    "Patient.name.where(use='a)",
    "Patient.name.where(use = 'a' or use = 'b')", "Patient.name.where(use = usual)", "Patient.*", "*",
    "Patient.name | x",
    "Patient.descendants()", "Patient.name.repeat(given)", "Patient.name.given.matches('(a+)+$')", "Patient.name + 1",
    "%resource.name", "'Patient'", "1", "Patient name", "Patient.name.first(", "Patient.name.ofType()",
    "(" * 500, "Patient" + ".name" * 50, "x" * 1001, "Patient.name.where(" + "(" * 900,
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_row_25_more_than_a_path_is_refused_at_once(path):
    said = problem(parameters(operation("delete", path)) if path else parameters(operation("delete", " ")))
    assert said.trouble.value.status == 400


def problem(sent, before=None):
    two = before or person(name=[{"family": "A"}, {"family": "B"}], birthDate="1920")
    with pytest.raises(Problem) as caught:
        patch.apply(two, sent)
    return caught.value


def test_what_names_a_resource_cannot_be_patched():
    before = person(id="p1", meta={"versionId": "1", "profile": ["urn:a"]})
    for path, sent in (("Patient.id", {"valueId": "p2"}), ("Patient.meta.versionId", {"valueId": "2"})):
        assert problem(parameters(operation("replace", path, sent)), before).trouble is Trouble.INVALID
    assert problem(parameters(operation("delete", "Patient.meta")), before).faults[0].where == ("meta", "versionId")
    made = patch.apply(before, parameters(operation("replace", "Patient.meta.profile[0]", {"valueCanonical": "urn:b"})))
    assert made["meta"] == {"versionId": "1", "profile": ["urn:b"]}


def test_numbers_stay_as_they_were_written():
    text = '{"resourceType":"Observation","valueQuantity":{"value":0.40},"referenceRange":[{"low":{"value":1.10}}]}'
    sent = exact.loads(exact.dumps(parameters(operation("replace", "Observation.value.value", {"valueDecimal": 1}))))
    sent["parameter"][0]["part"][2]["valueDecimal"] = exact.Number("7.200")
    made = patch.apply(exact.stored(text), sent)
    assert exact.text(made) == text.replace("0.40", "7.200")


def test_a_patch_has_a_limit_to_what_it_does():
    costly = [
        [operation("delete", "Patient.birthDate")] * (MOST_OPERATIONS + 1),
        [operation("add", "Patient", {"valueHumanName": {"text": "x" * (LARGEST // 4)}}, name="name")] * 5,
    ]
    for operations in costly:
        assert problem(parameters(*operations)).trouble is Trouble.TOO_COSTLY


def test_a_patch_that_walks_without_end_ends_soon():
    crowd = person(name=[{"given": ["A"] * 100}] * 200)
    where = "Patient.name.given.where(" + " and ".join(["id = 'x'"] * 60) + ")"
    said = problem(parameters(*[operation("delete", where)] * 20), crowd)
    assert said.trouble is Trouble.TOO_COSTLY
