"""In which form answers come, of which version of FHIR; and which bodies are taken."""

import itertools
import json
from time import perf_counter
from typing import Any

import pytest

from api.fhir_form import Form, negotiate
from fhir_facade.versions import R4 as V4
from plan.problem import Problem, Trouble
from tests.support.r4 import R4, created, goal, issue

JSON, XML = "application/fhir+json", "application/fhir+xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

ASKED = [
    ("", "", JSON, ""),
    (" ", "", JSON, ""),
    ("*/*", "", JSON, ""),
    ("application/*", "", JSON, ""),
    ("text/*", "", "text/json", ""),
    (JSON, "", JSON, ""),
    (XML, "", XML, ""),
    ("Application/FHIR+XML", "", XML, ""),
    ("application/json", "", "application/json", ""),
    ("text/json;q=0.5", "", "text/json", ""),
    ("application/xml", "", "application/xml", ""),
    ("text/xml", "", "text/xml", ""),
    (BROWSER, "", "application/xml", ""),
    (f"{XML};q=0.5, {JSON};q=0.4", "", XML, ""),
    (f"{XML};q=0.5, {JSON}", "", JSON, ""),
    (f"{XML}, {JSON}", "", XML, ""),
    (f"{JSON}, {XML}", "", JSON, ""),
    (f"*/*, {XML}", "", XML, ""),
    (f"*/*;q=0.1, {JSON};q=0", "", "application/json", ""),
    (f"application/*;q=0, text/xml;q=0.001, {JSON};q=0.0", "", "text/xml", ""),
    ("text/html, application/json;q=0.2", "", "application/json", ""),
    (f"{JSON};q=abc", "", JSON, ""),
    (f"{JSON}; fhirVersion=4.0", "", JSON, "4.0"),
    (f'{JSON}; FHIRVersion="4.0.1"; q=0.9', "", JSON, "4.0.1"),
    (f"{JSON}; fhirVersion=5.0, {XML}; fhirVersion=4.0; q=0.1", "", XML, "4.0"),
    (f"{JSON}; fhirVersion=5.0, {JSON}", "", JSON, ""),
    (XML, "_format=json", JSON, ""),
    ("text/html", "_format=json", JSON, ""),
    (JSON, "_format=xml", XML, ""),
    (JSON, "_format=text/xml", "text/xml", ""),
    ("", "_format=application/json", "application/json", ""),
    ("", "_format=application/fhir%2Bjson", JSON, ""),
    ("", "_format=application/fhir+xml", XML, ""),
    ("", "_format=", JSON, ""),
    ("", "_format=XML", XML, ""),
    ("", "_format=xml&_format=json", XML, ""),
    ("", "_format=application/fhir%2Bjson%3B%20fhirVersion=4.0", JSON, "4.0"),
    (f"{JSON}; fhirVersion=5.0", "_format=application/fhir%2Bjson;fhirVersion=4.0.1", JSON, "4.0.1"),
    (f"{JSON}; fhirVersion=4.0", "_format=xml", XML, "4.0"),
    (XML, "_pretty=true", XML, ""),
    ("", "name=_format", JSON, ""),
]
REFUSED = [
    ("text/html", ""),
    ("image/*", ""),
    ("application/json;q=0, text/html", ""),
    ("*/*;q=0", ""),
    ("fhir", ""),
    (f"{JSON}; fhirVersion=5.0", ""),
    ("*/*; fhirVersion=3.0", ""),
    (f"{JSON}; fhirVersion=5.0", "_format=json"),
    ("", "_format=application/fhir%2Bjson;fhirVersion=5.0"),
    ("", "_format=application/fhir+turtle"),
    ("", "_format=ttl"),
    ("", "_format=bogus"),
    (JSON, "_format=html"),
    ("x" * 10_000, ""),
    (",;" * 5_000, ""),
    (f"{JSON};q=0," * 300, ""),
]


@pytest.mark.parametrize("accept, query, kind, says", ASKED)
def test_the_form_is_the_one_that_was_asked_for(accept, query, kind, says):
    form = negotiate({"accept": accept}, query, V4)
    assert (form.kind, form.says) == (kind, says)


@pytest.mark.parametrize("accept, query", REFUSED)
def test_no_other_form_is_given(accept, query):
    began = perf_counter()
    with pytest.raises(Problem) as told:
        negotiate({"accept": accept}, query, V4)
    assert told.value.trouble is Trouble.NOT_ACCEPTABLE
    assert perf_counter() - began < 1


@pytest.mark.parametrize("said, tidy", [("true", True), ("TRUE", True), ("false", False), ("", False), ("yes", False)])
def test_tidy_is_what_is_asked_to_be_tidy(said, tidy):
    assert negotiate({}, f"_pretty={said}", V4).pretty is tidy


def test_without_a_wish_text_goes_as_it_is():
    text = '{"resourceType":"Goal"}'
    assert Form("R4").written(text) is text


@pytest.fixture
async def address(world, client):
    more: dict[str, Any] = {"extension": [{"url": "urn:x", "valueDecimal": 0.5}]}
    one = await created(client, goal(await world.person(client), **more))
    return f"{R4}/Goal/{one['id']}"


async def test_every_answer_says_in_which_form_it_is(client, address):
    paths = [address, f"{address}/_history", f"{address}/_history/1", f"{R4}/Goal?_count=1", f"{R4}/metadata"]
    forms = [
        ({}, "", f"{JSON}; charset=utf-8"),
        ({"Accept": "application/json"}, "", "application/json; charset=utf-8"),
        ({"Accept": f"{JSON}; fhirVersion=4.0"}, "", f"{JSON}; fhirVersion=4.0; charset=utf-8"),
        ({"Accept": XML}, "", f"{XML}; charset=utf-8"),
        ({"Accept": JSON}, "_format=xml", f"{XML}; charset=utf-8"),
    ]
    for path, (headers, query, said) in itertools.product(paths, forms):
        answer = await client.get(f"{path}{'&' if '?' in path else '?'}{query}", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (200, said), path


async def test_what_is_accepted_in_no_form_is_refused_everywhere(client, address):
    for path, (accept, query) in itertools.product([address, f"{R4}/metadata"], REFUSED):
        said = issue(await client.get(f"{path}?{query}", headers={"Accept": accept}), 406)
        assert said["code"] == "not-supported"
        assert "JSON or XML" in said["details"]["text"]


async def test_a_tidy_answer_is_the_same_answer(client, address):
    plain, tidy = await client.get(address), await client.get(f"{address}?_pretty=true")
    assert tidy.json() == plain.json()
    assert "\n" in tidy.text
    assert "\n" not in plain.text
    xml = await client.get(f"{address}?_pretty=true&_format=xml")
    assert xml.text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<Goal xmlns="http://hl7.org/fhir">\n  <id value='
    )


async def test_a_search_by_post_says_its_form_in_the_address_or_in_the_body(client, address):
    for url, body in ((f"{R4}/Goal/_search?_format=xml", {}), (f"{R4}/Goal/_search", {"_format": "xml"})):
        answer = await client.post(url, data=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == f"{XML}; charset=utf-8"


BODIES = [
    (JSON, 201),
    ("application/json", 201),
    ("text/json;charset=utf-8", 201),
    (f"{JSON}; fhirVersion=4.0", 201),
    (f'{JSON}; fhirVersion="4.0.1"; charset="UTF-8"', 201),
    (f"{JSON}; fhirVersion=5.0", 415),
    (f"{JSON}; fhirVersion=4.3", 415),
    (f"{JSON}; charset=utf-16", 415),
    (f"{JSON}; charset=x-unheard-of", 415),
    ("application/fhir+turtle", 415),
    ("text/plain", 415),
    ("", 415),
]


async def test_a_body_is_taken_as_what_it_says_it_is(world, client):
    raw = json.dumps(goal(await world.person(client))).encode()
    for kind, status in BODIES:
        answer = await client.post(f"{R4}/Goal", content=raw, headers={"Content-Type": kind})
        assert answer.status_code == status, (kind, answer.text)
