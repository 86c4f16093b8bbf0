"""Bodies that cannot be read, are too large, too deep or of another world: refused where they are read, in both forms.

FHIR R4 and R5 json.html, xml.html; RFC 8259 section 4 and 9 (a parser may set limits); CWE-409, 611, 674, 776.
"""

import gzip
import json
from collections.abc import Iterator

import pytest

from tests.support.limits import Case, faults
from tests.support.r4 import created, goal

JSON = {"Content-Type": "application/fhir+json"}
XML = {"Content-Type": "application/fhir+xml"}
PACKED = {"Content-Encoding": "gzip"}
NS = 'xmlns="http://hl7.org/fhir"'
START = '{"resourceType":"Goal","lifecycleStatus":"active","description":{"text":"Walk"}'
GOAL = START + ',"subject":{"reference":"Patient/PERSON"}'
INNER = (
    '<lifecycleStatus value="active"/><description><text value="Walk"/></description>'
    '<subject><reference value="Patient/PERSON"/></subject>'
)
UNREAD = "structure"
LONG = 200_000


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    person = await world.person(client)
    return {"PERSON": person, "GOAL": (await created(client, goal(person)))["id"]}


def deep(times, more=GOAL):
    return f'{more},"extension":{"[" * times}{"]" * times}}}'


def extended(value):
    return f'{GOAL},"extension":[{{"url":"urn:x","valueDecimal":{value}}}]}}'


RAW_JSON: list[tuple[str, bytes, str]] = [
    ("nothing", b"", UNREAD),
    ("blanks", b" \r\n\t", UNREAD),
    ("no JSON", b"resourceType=Goal", UNREAD),
    ("XML that says it is JSON", f"<Goal {NS}/>".encode(), UNREAD),
    ("a list", f"[{GOAL}}}]".encode(), UNREAD),
    ("a list of nothing", b"[]", UNREAD),
    ("a number", b"1", UNREAD),
    ("null", b"null", UNREAD),
    ("nothing in braces", b"{}", ""),
    ("cut off", GOAL.encode(), UNREAD),
    ("two values", f"{GOAL}}}{{}}".encode(), UNREAD),
    ("a comma at the end", f"{GOAL},}}".encode(), UNREAD),
    ("a remark", f"{GOAL}/* a */}}".encode(), UNREAD),
    ("10,000 deep", deep(10_000).encode(), UNREAD),
    ("10,000 deep and open", ("[" * 10_000).encode(), UNREAD),
    ("100,000 deep", ('{"a":' * LONG).encode(), UNREAD),
    ("65 deep", deep(65).encode(), UNREAD),
    ("60 deep", deep(60).encode(), ""),
    ("deep inside a text", (GOAL + f',"note":[{{"text":"{"[" * LONG}"}}],"x":1}}').encode(), UNREAD),
    ("a name twice", f'{GOAL},"lifecycleStatus":"active"}}'.encode(), UNREAD),
    ("a name 50,000 times", (GOAL + ',"a":1' * 50_000 + "}").encode(), UNREAD),
    ("50,000 names", (GOAL + "".join(f',"a{n}":1' for n in range(50_000)) + "}").encode(), UNREAD),
    ("NaN", extended("NaN").encode(), UNREAD),
    ("infinity", extended("-Infinity").encode(), UNREAD),
    ("an endless number", extended("1e999999").encode(), UNREAD),
    ("an endless small number", extended("1e-999999").encode(), UNREAD),
    ("a number of 100,000 digits", extended("9" * 100_000).encode(), UNREAD),
    ("a fraction of 100,000 digits", extended("0." + "1" * 100_000).encode(), UNREAD),
    ("a number that begins with nought", extended("01").encode(), UNREAD),
    ("a number in hexadecimal", extended("0x10").encode(), UNREAD),
    ("a whole number where none fits", f'{GOAL},"target":[{{"detailInteger":{"9" * 30}}}]}}'.encode(), ""),
    ("half a surrogate pair", f'{GOAL},"note":[{{"text":"\\ud83d"}}]}}'.encode(), UNREAD),
    ("half a surrogate pair in a name", f'{GOAL},"\\ud83d":1}}'.encode(), UNREAD),
    ("a pair the wrong way round", f'{GOAL},"note":[{{"text":"\\ude00\\ud83d"}}]}}'.encode(), UNREAD),
    ("a surrogate in raw UTF-8", f"{GOAL},".encode() + b'"note":[{"text":"\xed\xa0\x80"}]}', UNREAD),
    ("bytes that are no UTF-8", f"{GOAL},".encode() + b'"note":[{"text":"\xff"}]}', UNREAD),
    ("a NUL", f'{GOAL},"note":[{{"text":"a\\u0000b"}}]}}'.encode(), UNREAD),
    ("UTF-16", f"{GOAL}}}".encode("utf-16"), UNREAD),
    ("UTF-32", f"{GOAL}}}".encode("utf-32"), UNREAD),
    ("a mark of byte order inside", f"{GOAL}\ufeff}}".encode(), UNREAD),
    ("two marks of byte order", f"\ufeff\ufeff{GOAL}}}".encode(), UNREAD),
    ("another type", b'{"resourceType":"Task","status":"requested","intent":"order"}', "invalid"),
    ("a type of no standard", b'{"resourceType":"Nonsense"}', UNREAD),
    ("a type that is a list", b'{"resourceType":["Goal"]}', ""),
    ("a type in small letters", b'{"resourceType":"goal"}', UNREAD),
    ("a Bundle", b'{"resourceType":"Bundle","type":"batch"}', "invalid"),
    ("a page of the web", b"<!DOCTYPE html><html></html>", UNREAD),
    ("20,000 notes of nothing", f'{GOAL},"note":[{",".join(["{}"] * 20_000)}]}}'.encode(), ""),
    ("50,000 faults", f'{GOAL},"note":[{",".join(["1"] * 50_000)}]}}'.encode(), ""),
    ("a status of 500 kB", GOAL.replace("active", "a" * 500_000).encode() + b"}", "value"),
    ("a date of 500 kB", f'{GOAL},"startDate":"{"1" * 500_000}"}}'.encode(), "value"),
    ("a date of blanks", f'{GOAL},"startDate":"2026-01-01{" " * 500_000}"}}'.encode(), "value"),
    ("a reference of strokes", f'{START},"subject":{{"reference":"Patient/{"a/" * 200_000}"}}}}'.encode(), ""),
    ("a reference of addresses", f'{START},"subject":{{"reference":"{"http://a/" * 50_000}"}}}}'.encode(), ""),
    ("a narrative of open tags", f'{GOAL},"text":{{"status":"generated","div":"{"<div>" * 60_000}"}}}}'.encode(), ""),
    ("a narrative of brackets", f'{GOAL},"text":{{"status":"generated","div":"{"<" * 500_000}"}}}}'.encode(), ""),
    (
        "a narrative of links",
        f'{GOAL},"text":{{"status":"generated","div":"<div>{"href=" * 90_000}</div>"}}}}'.encode(),
        "",
    ),
    (
        "a narrative with a world of its own",
        f'{GOAL},"text":{{"status":"generated","div":"<!DOCTYPE d [<!ENTITY a \\"b\\">]><div>&a;</div>"}}}}'.encode(),
        "",
    ),
    (
        "contained in contained",
        f'{GOAL},"contained":[{{"resourceType":"Patient","contained":[{{"resourceType":"Patient"}}]}}]}}'.encode(),
        "",
    ),
]

BILLION = "".join(f'<!ENTITY l{n + 1} "' + f"&l{n};" * 10 + '">' for n in range(9))
ENTITY = '<note><text value="&e;"/></note></Goal>'
RAW_XML: list[tuple[str, bytes, str]] = [
    ("nothing", b"", UNREAD),
    ("JSON that says it is XML", f"{GOAL}}}".encode(), UNREAD),
    ("cut off", f"<Goal {NS}>{INNER}".encode(), UNREAD),
    ("two roots", f"<Goal {NS}>{INNER}</Goal><Goal/>".encode(), UNREAD),
    ("a DOCTYPE", f"<!DOCTYPE Goal><Goal {NS}>{INNER}</Goal>".encode(), UNREAD),
    (
        "a file of ours",
        (f'<!DOCTYPE g [<!ENTITY e SYSTEM "file:///etc/passwd">]><Goal {NS}>{INNER}' + ENTITY).encode(),
        UNREAD,
    ),
    (
        "an address of ours",
        f'<!DOCTYPE g SYSTEM "http://169.254.169.254/latest"><Goal {NS}>{INNER}</Goal>'.encode(),
        UNREAD,
    ),
    (
        "a billion laughs",
        f'<!DOCTYPE g [<!ENTITY l0 "ha">{BILLION}]><Goal {NS}><note><text value="&l9;"/></note></Goal>'.encode(),
        UNREAD,
    ),
    ("an entity of nowhere", f'<Goal {NS}>{INNER}<note><text value="&e;"/></note></Goal>'.encode(), UNREAD),
    ("a processing instruction", f"<?php echo 1; ?><Goal {NS}>{INNER}</Goal>".encode(), UNREAD),
    ("no namespace", f"<Goal>{INNER}</Goal>".encode(), UNREAD),
    ("another namespace", f'<Goal xmlns="http://hl7.org/v3">{INNER}</Goal>'.encode(), UNREAD),
    ("another namespace inside", f'<Goal {NS}>{INNER}<x:note xmlns:x="urn:x"/></Goal>'.encode(), UNREAD),
    ("a prefix of nowhere", f"<Goal {NS}>{INNER}<x:note/></Goal>".encode(), UNREAD),
    ("an attribute that is none", f'<Goal {NS} nonsense="1">{INNER}</Goal>'.encode(), UNREAD),
    ("an attribute twice", f'<Goal {NS}><lifecycleStatus value="active" value="active"/></Goal>'.encode(), UNREAD),
    ("text where none is", f"<Goal {NS}>words{INNER}</Goal>".encode(), UNREAD),
    ("another type", f"<Task {NS}/>".encode(), "invalid"),
    ("a type of no standard", f"<Nonsense {NS}/>".encode(), UNREAD),
    ("10,000 deep", f"<Goal {NS}>{'<extension>' * 10_000}".encode(), ""),
    ("100,000 tags", f"<Goal {NS}>{'<note/>' * 140_000}</Goal>".encode(), ""),
    ("50,000 attributes", (f"<Goal {NS} " + " ".join(f'a{n}="1"' for n in range(50_000)) + "/>").encode(), ""),
    (
        "UTF-16 that says so",
        f'<?xml version="1.0" encoding="UTF-16"?><Goal {NS}>{INNER}</Goal>'.encode("utf-16"),
        UNREAD,
    ),
    (
        "Latin-1 that says so",
        f'<?xml version="1.0" encoding="ISO-8859-1"?><Goal {NS}>{INNER}</Goal>'.encode("latin-1"),
        UNREAD,
    ),
    ("UTF-7 that says so", f'<?xml version="1.0" encoding="UTF-7"?><Goal {NS}>{INNER}</Goal>'.encode(), UNREAD),
    ("a character that XML has not", f'<Goal {NS}>{INNER}<note><text value="&#0;"/></note></Goal>'.encode(), UNREAD),
    ("a surrogate by number", f'<Goal {NS}>{INNER}<note><text value="&#xD800;"/></note></Goal>'.encode(), UNREAD),
    (
        "an endless number",
        f'<Goal {NS}><extension url="urn:x"><valueDecimal value="1e999999"/></extension>{INNER}</Goal>'.encode(),
        "",
    ),
    (
        "no number",
        f'<Goal {NS}><extension url="urn:x"><valueDecimal value="NaN"/></extension>{INNER}</Goal>'.encode(),
        "",
    ),
    ("a page of the web", b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", UNREAD),
]

WAYS = ["POST Goal", "PUT Goal/GOAL", "POST ", "POST Goal/$validate"]
BIG = 600_000
"""Bytes of a body that is sent one way only, as it takes its time to be read."""


def everywhere(rows: list[tuple[str, bytes, str]], kind: dict[str, str]) -> Iterator[Case]:
    """Each body sent to be created, to update, as a Bundle, and to be judged, where it may be found wrong otherwise."""
    for what, body, code in rows:
        yield Case(f"{what} by POST", "POST Goal", 400, code, kind, body)
        for way in WAYS[1 : 1 if len(body) > BIG else None]:
            # $validate is answered with what it finds, where the body can be read; a batch may hold nothing.
            yield Case(f"{what} by {way}", way, (200, 400) if "$" in way or b"Bundle" in body else 400, "", kind, body)


BOMB = gzip.compress(b" " * 60_000_000)
ENCODED = [
    Case("a bomb", "POST Goal", 413, "too-long", {**JSON, **PACKED}, BOMB),
    Case("a bomb of a Bundle", "POST ", 413, "too-long", {**JSON, **PACKED}, BOMB),
    Case("a bomb in XML", "POST Goal", 413, "too-long", {**XML, **PACKED}, BOMB),
    Case("a bomb in a bomb", "POST Goal", 400, UNREAD, {**JSON, **PACKED}, gzip.compress(BOMB)),
    Case("half a gzip", "POST Goal", 400, UNREAD, {**JSON, **PACKED}, gzip.compress(GOAL.encode() + b"}")[:-9]),
    Case("no gzip", "POST Goal", 400, UNREAD, {**JSON, **PACKED}, GOAL.encode() + b"}"),
    Case("a gzip of nothing", "POST Goal", 400, UNREAD, {**JSON, **PACKED}, gzip.compress(b"")),
    Case("nothing that says it is a gzip", "POST Goal", 400, UNREAD, {**JSON, **PACKED}, b""),
    Case("a gzip that does not say so", "POST Goal", 400, UNREAD, JSON, gzip.compress(GOAL.encode() + b"}")),
    Case("a body over the limit", "POST Goal", 413, "too-long", JSON, b" " * (1024 * 1024 + 1)),
    Case("a Bundle over the limit", "POST ", 413, "too-long", JSON, b" " * (10 * 1024 * 1024 + 1)),
    Case(
        "a form over the limit",
        "POST Goal/_search",
        413,
        "too-long",
        {"Content-Type": "application/x-www-form-urlencoded"},
        b"a" * (1024 * 1024 + 1),
    ),
]


@pytest.mark.parametrize(
    "table",
    [list(everywhere(RAW_JSON, JSON)), list(everywhere(RAW_XML, XML)), ENCODED],
    ids=["json", "xml", "encoded"],
)
async def test_what_cannot_be_taken_is_refused_at_once_and_leaves_nothing(world, ids, table):
    found = await faults(world, table, ids=ids, forms=["json"])
    assert not found, "\n".join(found)


def many(times, text):
    return "[" + ",".join(text.format(n=n) for n in range(times)) + "]"


REPEATED = [
    ("notes", "note", many(15_000, '{{"text":"a"}}')),
    ("codings that are searched by", "category", '[{"coding":' + many(5000, '{{"code":"c{n}"}}') + "}]"),
    ("references to nobody", "addresses", many(5000, '{{"reference":"Condition/c{n}"}}')),
    ("references elsewhere", "addresses", many(5000, '{{"reference":"https://a.example/Condition/c{n}"}}')),
    ("identifiers", "identifier", many(5000, '{{"system":"urn:x","value":"{n}"}}')),
    ("contained that nothing refers to", "contained", many(4000, '{{"resourceType":"Condition","id":"c{n}"}}')),
    (
        "contained and each referred to",
        "contained",
        many(2000, '{{"resourceType":"Basic","id":"c{n}","code":{{"text":"a"}}}}')
        + ',"addresses":'
        + many(2000, '{{"reference":"#c{n}"}}'),
    ),
    ("extensions", "extension", many(8000, '{{"url":"urn:x{n}","valueString":"a"}}')),
    ("tags", "meta", '{"tag":' + many(5000, '{{"system":"urn:x","code":"c{n}"}}') + "}"),
    (
        "paragraphs",
        "text",
        '{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">'
        + "<p>a</p>" * 60_000
        + '</div>"}',
    ),
    (
        "paragraphs in one another",
        "text",
        '{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">'
        + "<div>" * 40_000
        + "</div>" * 40_000
        + '</div>"}',
    ),
]


async def test_what_is_much_and_legal_is_taken_or_refused_in_time(world, ids):
    table = [
        Case(what, "POST Goal", (201, 400, 422), "", JSON, f'{GOAL},"{name}":{text}}}'.encode())
        for what, name, text in REPEATED
    ]
    found = await faults(world, table, ids=ids, forms=["json"])
    assert not found, "\n".join(found)


OF_ONE = [
    ("R4", "outcomeCode", [{"text": "better"}]),
    ("R4", "expressedBy", {"display": "Ada Test"}),
    ("R5", "continuous", True),
    ("R5", "outcome", [{"concept": {"text": "better"}}]),
]


async def test_what_only_the_other_version_has_is_refused(world, ids):
    table = []
    for version, name, value in OF_ONE:
        sent = f"{GOAL},{json.dumps({name: value})[1:]}".encode()
        table.append((version, Case(f"{name} of {version}", "POST Goal", 400, UNREAD, JSON, sent)))
    found = [
        fault
        for version, case in table
        for fault in await faults(world, [case], ids=ids, forms=["json"], bases=[_other(version)])
    ]
    assert not found, "\n".join(found)


def _other(version):
    return {"R4": "R5", "R5": "R4"}[version]
