"""Addresses, methods and headers that no honest client sends: each is refused in the words of FHIR, or does no harm.

FHIR R4 and R5 http.html; RFC 9110 (methods, content negotiation, conditions).
"""

import pytest

from tests.support.limits import Case, faults
from tests.support.r4 import created, goal

FHIR = {"Content-Type": "application/fhir+json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GOOD = (
    b'{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"Walk"},'
    b'"subject":{"reference":"Patient/PERSON"}}'
)
"""What would be taken if the header were."""
CHANGED = GOOD[:-1] + b',"id":"GOAL"}'


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    person = await world.person(client)
    return {"PERSON": person, "GOAL": (await created(client, goal(person)))["id"]}


IDS = [
    ".", "..", "...", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%2F", "-", "x" * 64, "x" * 65, "x" * 60_000, "a_b", "a%5Fb",
    "%C3%A9", "%F0%9F%98%80", "%ff%fe", "%ED%A0%80", "a%00b", "%0A", "abc%0a", "%20", "%22", "%27%20or%201=1;--",
    "%zz", "%", "%25", "%2525", "0", "-1", "%D9%A3", "null", "{id}", ";v=1", "a;b=c", "$", "$$", "$x%00",
    "%24nonsense", "_nonsense", "_history%2F1", "_search%20", "Patient", "*x", "**",
]  # fmt: skip
ADDRESSES = [
    *(Case(f"read of {id_[:30]}", f"GET Goal/{id_}", (400, 404)) for id_ in IDS),
    *(Case(f"version {id_[:30]}", f"GET Goal/GOAL/_history/{id_}", (400, 404)) for id_ in IDS if id_ != "0"),
    *(Case(f"deletion of {id_[:30]}", f"DELETE Goal/{id_}", (204, 400, 404, 405)) for id_ in IDS),
    *(Case(f"plan of {id_[:30]}", f"GET Patient/{id_}/Goal", (200, 400, 404)) for id_ in IDS),
    *(Case(f"type {id_[:30]}", f"GET {id_}", (400, 404)) for id_ in IDS if id_ not in ("%2F", "Patient")),
    *(Case(f"operation {id_[:30]}", f"POST Goal/${id_}", (400, 404, 405), "", FHIR, b"{}") for id_ in IDS),
    Case("a version of 30 digits", f"GET Goal/GOAL/_history/{'9' * 30}", 404, "not-found"),
    Case("version nought", "GET Goal/GOAL/_history/0", 404, "not-found"),
    Case("a version below nought", "GET Goal/GOAL/_history/-1", 404, "not-found"),
    Case("more parts than any address has", "GET Goal/GOAL/_history/1/2/3", 404, "not-found"),
    Case("1,000 parts", f"GET {'a/' * 1000}", 404, "not-found"),
    Case("two strokes", "GET Goal//GOAL", 404, "not-found"),
    Case("a type of another standard", "GET Invoice/1", 404),
    Case("a type in small letters", "GET goal/GOAL", 404),
    Case("a type of no standard", "GET Nonsense", 404),
    Case("the compartment of a goal", "GET Goal/GOAL/Task", 400, "not-supported"),
    Case("the types of nobody's compartment", "GET Patient/PERSON/Nonsense", 404),
]

OPERATIONS = [
    Case("an operation there is not", "POST $nonsense", 404, "not-supported", FHIR, b"{}"),
    Case("one of a type", "GET Goal/$nonsense", 404, "not-supported"),
    Case("one of an entry", "GET Goal/GOAL/$nonsense", 404, "not-supported"),
    Case("one whose name is 4,000 letters", f"GET ${'a' * 4000}", 404, "not-supported"),
    Case("one with no name", "GET $", 404),
    Case("one within an operation", "GET Goal/GOAL/$validate/$validate", 404),
    Case("one of a type there is not", "GET Nonsense/$validate", 404),
    Case("one that asks for nothing", "POST $validate", 415, "", {"Content-Type": "text/plain"}, b"x"),
    Case("a check of no body", "POST Goal/$validate", 400, "structure", FHIR, b""),
    Case("an export that will not wait", "GET $export", 400, "required"),
    Case("an export of no types", "GET $export?_type=Nonsense", (400, 404), "", {"Prefer": "respond-async"}),
    Case(
        "an export by what it does not know",
        "GET $export?_nonsense=1",
        400,
        "not-supported",
        {"Prefer": "respond-async"},
    ),
    Case("a state of no export", "GET $export-status?job=x", 404),
    Case("a state of no export at all", "GET $export-status", 404),
    Case("a file of no export", "GET $export-file?job=x&type=Goal", 404),
]

METHODS = [
    *(
        Case(f"{method} of an entry", f"{method} Goal/GOAL", 405, "not-supported")
        for method in ("POST", "TRACE", "OPTIONS", "LINK", "PROPFIND", "get", "QUERY", "X" * 4000)
    ),
    *(
        Case(f"{method} of the base", f"{method} ", 405, "not-supported")
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "COPY")
    ),
    *(
        Case(f"{method} of a history", f"{method} Goal/_history", 405, "not-supported")
        for method in ("POST", "PUT", "DELETE", "TRACE")
    ),
    *(
        Case(f"{method} of a version", f"{method} Goal/GOAL/_history/1", 405, "not-supported")
        for method in ("POST", "PUT", "PATCH")
    ),
    *(
        Case(f"{method} of the statement", f"{method} metadata", 405, "not-supported")
        for method in ("POST", "PUT", "DELETE", "TRACE")
    ),
    *(
        Case(f"{method} of a search", f"{method} Goal/_search", 405, "not-supported")
        for method in ("GET", "PUT", "DELETE")
    ),
    *(
        Case(f"{method} of a plan", f"{method} Patient/PERSON/Goal", 405, "not-supported")
        for method in ("POST", "PUT", "DELETE")
    ),
    Case("HEAD of an entry", "HEAD Goal/GOAL", 200),
    Case("HEAD of an entry there is not", "HEAD Goal/none", 404),
    Case("HEAD of a search", "HEAD Goal?patient=PERSON", 200),
    Case("HEAD of a search that is too much", f"HEAD Goal?_sort={',_id' * 20}", 400),
    Case("HEAD of the statement", "HEAD metadata", 200),
    Case("HEAD of what is created by POST", "HEAD Goal/_search", 405),
    Case("a form that is no form", "POST Goal/_search", 415, "not-supported", FHIR, b"{}"),
    Case("a form that is not UTF-8", "POST Goal/_search", 400, "structure", FORM, b"_id=\xff"),
    Case("a form whose escapes are not UTF-8", "POST Goal/_search", 400, "structure", FORM, b"_id=%ff"),
    Case("a form with a NUL", "POST Goal/_search", 400, "value", FORM, b"_id=%00"),
]


def header(name, value, status, request="GET Goal/GOAL", code="", body=b""):
    kind = FHIR if body else {}
    return Case(f"{name}: {value[:40]!r}", request, status, code, {**kind, name: value}, body)


LONG = "a," * 3000
HEADERS = [
    *(
        header("Accept", value, 406)
        for value in (
            "text/html",
            "application/fhir+json;q=0",
            "x" * 5000,
            LONG,
            ";",
            "*",
            "application/fhir+turtle",
            "application/fhir+json; fhirVersion=3.0",
            "*/*;q=0.000",
            "\xff",
        )
    ),
    *(header("Accept", value, 200) for value in ("", "*/*", f"{LONG}application/fhir+json", "application/*;q=0.1")),
    *(
        Case(f"_format={value[:40]}", f"GET Goal/GOAL?_format={value}", status)
        for value, status in (
            ("html", 406),
            ("turtle", 406),
            ("x" * 3000, 406),
            ("application/fhir%2Bjson", 200),
            ("json;fhirVersion=1", 406),
            ("%00", 400),
            ("%ff", 400),
            ("", 200),
            ("%F0%9F%98%80", 406),
            ("json%0A", (200, 406)),
        )
    ),
    *(
        header("Prefer", value, (200, 404), "GET Goal?foo=bar")
        for value in (
            "",
            ";;;,,,==",
            "return=" + "x" * 5000,
            "handling",
            "=" * 5000,
            "handling =" + " " * 5000 + "x",
            "\xff",
            "return=banana",
        )
    ),
    *(
        header("Prefer", value, 400, "GET Goal?foo=bar")
        for value in ("handling=strict", 'Handling = "STRICT"', "return=minimal; x=y, handling=strict")
    ),
    *(
        header("If-Match", value, 400, "PUT Goal/GOAL", "value", CHANGED)
        for value in ("*", "", '"1", "2"', "W/", 'W/"', "\xff", "1" * 5000, '"' * 5000)
    ),
    *(
        header("If-Match", value, 412, "DELETE Goal/GOAL")
        for value in ('"7"', 'W/"0"', f'W/"{"9" * 4000}"', '"x"', '""', '"\xb2"', '"-1"', '"1e0"')
    ),
    *(
        header("If-Match", value, 400, "DELETE Goal/GOAL")
        for value in ("*", "", "1", '"1", "2"', 'W/"1" ' + "x" * 3000)
    ),
    *(header("If-None-Match", value, 200) for value in ("", '"', 'W/"7"' * 500, "\xff", "7", '"7", "8"', "," * 5000)),
    *(header("If-None-Match", value, 304) for value in ("*", 'W/"1"', '"1"', '"7", W/"1"')),
    *(
        header("If-Modified-Since", value, 200)
        for value in (
            "",
            "yesterday",
            "Thu, 99 Foo 99999 99:99:99 GMT",
            "0" * 5000,
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Thu, 01 Jan 0001 00:00:00 -9999",
            "2026-01-01",
            "\xff",
            "()" * 2000,
            "(" * 5000,
        )
    ),
    *(
        header("If-None-Exist", value, 400, "POST Goal", "", GOOD)
        for value in (
            "",
            "?",
            "identifier=",
            "_count=1",
            "nonsense=1",
            "name:foo=x",
            "%ff=%zz",
            "a" * 10_000,
            "_id=%00",
            "patient.name=" + "a," * 500,
            "&" * 5000,
            "_has:Task:focus:" * 6 + "_id=x",
            "_sort=_id",
            "_include=Task:focus",
            "_page=AAAA",
            "\xff=\xfe",
        )
    ),
    *(
        header("Authorization", value, 401)
        for value in (
            "",
            "Bearer",
            "Bearer ",
            "Basic eDp4",
            "Bearer a.b.c",
            "Bearer e30.e30.e30",
            "Bearer eyJhbGciOiJub25lIn0.e30.",
            "Bearer eyJhbGciOjF9.e30.AA",
            "Bearer W10.W10.AA",
            "Bearer " + "x" * 10_000,
            "Bearer " + "." * 5000,
            "\xff",
            "Bearer \xff.\xff.\xff",
        )
    ),
    *(
        header("Content-Type", value, 415, "POST Goal", "", GOOD)
        for value in (
            "",
            ";",
            "text/html",
            "a/b/c",
            "\xff",
            "x" * 5000,
            "application/json-patch+json",
            "application/fhir+json; charset=klingon",
            "multipart/form-data",
            "application/fhir+json; fhirVersion=3.0",
            "application/x-www-form-urlencoded",
            "application/fhir+ndjson",
        )
    ),
    *(
        header("Content-Encoding", value, 415, "POST Goal", "", GOOD)
        for value in ("br", "gzip, gzip", "\xff", "x" * 5000, "deflate", "identity, gzip")
    ),
    header("Content-Encoding", "gzip", 400, "POST Goal", "structure", GOOD),
    *(
        header("Content-Length", value, (201, 400, 413), "POST Goal", "", GOOD)
        for value in ("9" * 12, "-1", "1e9", "\xb2")
    ),
    *(header("Idempotency-Key", value, 400, "POST Goal", "", GOOD) for value in ("", "a b", "k" * 256, "\xff")),
    *(
        header("X-Provenance", value, 400, "POST Goal", "", GOOD)
        for value in (
            "",
            "{",
            "[]",
            "null",
            "{}",
            "\xff",
            '{"resourceType":"Goal"}',
            "[" * 5000,
            '{"resourceType":"Provenance","target":[]}',
            "x" * 5000,
        )
    ),
    *(
        header(name, value, 200)
        for name in (
            "X-Request-Id",
            "X-Correlation-Id",
            "traceparent",
            "Cookie",
            "Range",
            "X-Forwarded-Proto",
            "X-Forwarded-Host",
            "X-HTTP-Method-Override",
            "Expect",
            "Origin",
        )
        for value in ("", "DELETE", "\xff", "a" * 5000, "<script>", "a\tb")
    ),
]


@pytest.mark.parametrize(
    "table", [ADDRESSES, OPERATIONS, METHODS, HEADERS], ids=["addresses", "operations", "methods", "headers"]
)
async def test_what_no_honest_client_sends_is_refused_in_the_words_of_fhir(world, ids, table):
    found = await faults(world, table, ids=ids)
    assert not found, "\n".join(found)
