"""Operations that are asked for something senseless or too large: refused, and nothing is joined or changed.

FHIR R4 and R5 operations.html, and the OperationDefinition of each.
"""

import json

import pytest

from tests.support.limits import Case, faults
from tests.support.r4 import created, goal

FHIR = {"Content-Type": "application/fhir+json"}
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    person, other = await world.person(client), await world.person(client)
    return {"PERSON": person, "OTHER": other, "GOAL": (await created(client, goal(person)))["id"]}


def parameters(*listed):
    return json.dumps({"resourceType": "Parameters", "parameter": list(listed)}).encode()


def named(name, **value):
    return {"name": name, **value}


def referred(name, reference):
    return named(name, valueReference={"reference": reference})


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "another type": b'{"resourceType":"Goal"}',
    "parameters of a word": b'{"resourceType":"Parameters","parameter":"a"}',
    "a parameter of nothing": b'{"resourceType":"Parameters","parameter":[{}]}',
    "a parameter of no name": b'{"resourceType":"Parameters","parameter":[{"valueString":"a"}]}',
    "a parameter there is not": parameters(named("nonsense", valueString="a")),
    "a parameter of 100 kB": parameters(named("x" * 100_000, valueString="a")),
    "3,000 parameters": parameters(*[named("nonsense", valueString="a")] * 3000),
    "100,000 deep": b"[" * 100_000,
}
ASKED_BY_POST = [
    "Patient/PERSON/$everything", "Patient/$match", "Patient/$merge", "Patient/$undo-merge", "Patient/$override",
    "Goal/GOAL/$meta-add", "Goal/GOAL/$meta-delete", "Composition/$document", "Goal/$validate", "$export",
]  # fmt: skip
SENT = [
    Case(
        f"{what} to {to}",
        f"POST {to}",
        (200, 400, 404, 422) if "everything" in to or "validate" in to else (400, 404, 422),
        "",
        FHIR,
        body,
    )
    for to in ASKED_BY_POST
    for what, body in BODIES.items()
]

LONG = "9" * 4000
EVERYTHING = [
    *(
        Case(f"everything by {query[:30]}", f"GET Patient/PERSON/$everything?{query}", status)
        for query, status in (
            ("_count=1e9", 400),
            ("_count=-1", 400),
            ("_count=x", 400),
            (f"_count={LONG}", 400),
            ("_count=1000000000", 200),
            ("_count=0", (200, 400)),
            ("_since=2026", 400),
            ("_since=x", 400),
            (f"_since={LONG}", 400),
            ("_since=%00", 400),
            ("start=x", 400),
            ("start=2026-02-30", 400),
            ("end=0000", 400),
            ("start=2026&end=2020", (200, 400)),
            ("_type=Nonsense", 400),
            (f"_type={'Goal,' * 500}", 200),
            ("_type=", 200),
            ("nonsense=1", (200, 400)),
            ("_page=x", 400),
            ("_page=e30", 400),
            ("_page=bnVsbA", 400),
            ("_page=W10", 400),
            (f"_page={'A' * 9000}", 400),
            ("_page=eyJwZXJzb24iOiJhIiwiZW50cnkiOiJcdTAwMDAifQ", 400),
            ("_page=eyJwZXJzb24iOltdLCJlbnRyeSI6e319", 400),
            ("_count=1&_count=2", 400),
            ("_format=html", 406),
            ("&" * 5000, 200),
            ("a=b&" * 5000, 400),
        )
    ),
    Case("everything of nobody", "GET Patient/none/$everything", 404, "not-found"),
    Case("everything of a goal", "GET Goal/GOAL/$everything", 404, "not-supported"),
    Case("everything of everything", "GET $everything", 404, "not-supported"),
    Case("everything of a stay there is not", "GET Encounter/none/$everything", 404, "not-found"),
    Case(
        "a page of another's everything",
        "GET Patient/PERSON/$everything?_page=eyJwZXJzb24iOiJPVEhFUiIsImVudHJ5IjoiIn0",
        (200, 400),
    ),
]


def merged(*listed):
    return ("POST Patient/$merge", parameters(*listed))


BOTH = (referred("source-patient", "Patient/PERSON"), referred("target-patient", "Patient/OTHER"))
MERGES = [
    ("of one", merged(BOTH[0])),
    ("into oneself", merged(BOTH[0], referred("target-patient", "Patient/PERSON"))),
    ("into nobody", merged(BOTH[0], referred("target-patient", "Patient/none"))),
    ("of nobody", merged(referred("source-patient", "Patient/none"), BOTH[1])),
    ("of a goal", merged(referred("source-patient", "Goal/GOAL"), BOTH[1])),
    ("of what is elsewhere", merged(referred("source-patient", "https://a.example/Patient/1"), BOTH[1])),
    ("of three", merged(*BOTH, BOTH[0])),
    ("of a word", merged(named("source-patient", valueString="Patient/PERSON"), BOTH[1])),
    (
        "by an identifier of nobody",
        merged(named("source-patient-identifier", valueIdentifier={"system": "urn:x", "value": "1"}), BOTH[1]),
    ),
    ("by half an identifier", merged(named("source-patient-identifier", valueIdentifier={"value": "1"}), BOTH[1])),
    ("undone that never was", ("POST Patient/$undo-merge", parameters(*BOTH))),
]

ADDED = {
    "no labels": parameters(),
    "a label of two": parameters(*[named("meta", valueMeta={"tag": [{"system": "urn:x", "code": "a"}]})] * 2),
    "a version": parameters(named("meta", valueMeta={"versionId": "99"})),
    "a word": parameters(named("meta", valueString="a")),
    "a label of nothing": parameters(named("meta", valueMeta={})),
    "10,000 labels": parameters(named("meta", valueMeta={"tag": [{"code": f"c{n}"} for n in range(10_000)]})),
    "a profile of blanks": parameters(named("meta", valueMeta={"profile": [" " * 1000]})),
}
LABELS = [
    *(
        Case(f"{what} to be added", "POST Goal/GOAL/$meta-add", (200, 400, 413, 422), "", FHIR, body)
        for what, body in ADDED.items()
    ),
    *(
        Case(f"{what} to be taken", "POST Goal/GOAL/$meta-delete", (200, 400, 413, 422), "", FHIR, body)
        for what, body in ADDED.items()
    ),
    Case("labels by GET", "GET Goal/GOAL/$meta-add", 405, "not-supported"),
    Case("labels of nobody's", "GET Goal/none/$meta", 404, "not-found"),
    Case("labels of a version there is not", "GET Goal/GOAL/_history/9/$meta", 404),
]

OTHERS = [
    *(Case(f"a merge {what}", request, (400, 404, 412, 422), "", FHIR, body) for what, (request, body) in MERGES),
    Case("a match of nobody", "POST Patient/$match", 400, "", FHIR, parameters()),
    Case(
        "a match of a goal",
        "POST Patient/$match",
        400,
        "",
        FHIR,
        parameters(named("resource", resource={"resourceType": "Goal"})),
    ),
    Case(
        "a match of 1e9",
        "POST Patient/$match",
        (200, 400),
        "",
        FHIR,
        parameters(
            named("resource", resource={"resourceType": "Patient", "name": [{"family": "Test"}]}),
            named("count", valueInteger=10**9),
        ),
    ),
    Case(
        "a match of nothing known",
        "POST Patient/$match",
        (200, 400),
        "",
        FHIR,
        parameters(named("resource", resource={"resourceType": "Patient"})),
    ),
    Case(
        "a match of 5,000 names",
        "POST Patient/$match",
        (200, 400),
        "",
        FHIR,
        parameters(
            named("resource", resource={"resourceType": "Patient", "name": [{"family": f"T{n}"} for n in range(5000)]})
        ),
    ),
    Case("a match by GET", "GET Patient/$match", 405, "not-supported"),
    Case("a document of nobody", "GET Composition/none/$document", 404),
    Case("a document of a person who is not", "GET Composition/$document?patient=none", (400, 404)),
    Case("a check of a type there is not", "POST Nonsense/$validate", 404, "", FHIR, b"{}"),
    Case(
        "a check in a mode there is not", "POST Goal/$validate?mode=nonsense", 400, "", FHIR, b'{"resourceType":"Goal"}'
    ),
    Case(
        "a check against 100 kB",
        f"POST Goal/$validate?profile={'http://a/' * 10_000}",
        (200, 400),
        "",
        FHIR,
        b'{"resourceType":"Goal"}',
    ),
    Case(
        "an export of 1,001 people",
        "POST Patient/$export",
        400,
        "",
        {**FHIR, **ASYNC},
        parameters(*(referred("patient", f"Patient/{n}") for n in range(1001))),
    ),
    Case("an export since no moment", "GET $export?_since=2026", 400, "", ASYNC),
    Case("an export in another form", "GET $export?_outputFormat=csv", 400, "", ASYNC),
    Case("an export by what it cannot", "GET $export?_typeFilter=Goal", 400, "", ASYNC),
    Case("an export of another's", "GET Group/RX9/$export", 404, "", ASYNC),
    Case("the state of a subscription there is not", "GET Subscription/none/$status", 404),
    Case("the events of a subscription there is not", "GET Subscription/none/$events", 404),
]


@pytest.mark.parametrize("table", [SENT, EVERYTHING, LABELS, OTHERS], ids=["sent", "everything", "labels", "others"])
async def test_an_operation_that_makes_no_sense_is_refused_at_once_and_does_nothing(world, ids, table):
    found = await faults(world, table, ids=ids, forms=["json"])
    assert not found, "\n".join(found)
