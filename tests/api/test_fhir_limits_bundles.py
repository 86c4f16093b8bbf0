"""Bundles that are too long, of the wrong kind, in circles, or ask for too much of the database: refused as a whole,
or, in a batch, entry by entry. FHIR R4 and R5 bundle.html, http.html (batch, transaction).
"""

import json
from uuid import UUID

import pytest

from fhir_facade.bundle import MOST_ENTRIES
from fhir_facade.xml_write import write
from tests.support.limits import BASES, Case, faults, outcome, sent
from tests.support.r4 import created, entry, goal, kept, task
from tests.support.world import NHS

JSON = {"Content-Type": "application/fhir+json"}
XML = {"Content-Type": "application/fhir+xml"}


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    number = world.nhs_number()
    person = await world.person(client, number)
    return {"PERSON": person, "GOAL": (await created(client, goal(person)))["id"], "NUMBER": number}


def link(n):
    return f"urn:uuid:{UUID(int=n + 1)}"


def posted(n=0, **more):
    return entry("POST", "Goal", goal("PERSON", **more), link(n))


def bundle(kind, *entries, **more):
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {}), **more}


def refers(n, to, **more):
    """A Task that refers to `to`, under a link of its own."""
    return entry("POST", "Task", task("PERSON", focus={"reference": to}, **more), link(n))


ANSWERS = ["document", "message", "collection", "searchset", "history", "batch-response", "transaction-response"]
MANY = MOST_ENTRIES + 1
SHAPES = [
    *((f"a {kind}", bundle(kind, posted()), 400, "") for kind in ANSWERS),
    ("of no kind", {"resourceType": "Bundle", "entry": [posted()]}, 400, "required"),
    ("of a kind there is not", bundle("nonsense", posted()), 400, "value"),
    ("of a kind that is a list", bundle(["batch"], posted()), 400, "value"),
    ("that is a Goal", goal("PERSON"), 400, "invalid"),
    ("without entries", bundle("transaction"), 200, ""),
    ("with a list of nothing", bundle("transaction", entry=[]), 400, "invalid"),
    ("whose entries are one", bundle("transaction", entry=posted()), 400, "invalid"),
    ("whose entry is a word", bundle("transaction", entry=["Goal"]), 400, "invalid"),
    ("whose entry is nothing", bundle("transaction", entry=[{}]), 400, ""),
    ("whose entry asks for nothing", bundle("transaction", {"resource": goal("PERSON")}), 400, ""),
    (
        "one entry longer than is taken",
        bundle("batch", *[{"request": {"method": "GET", "url": "Goal/x"}}] * MANY),
        400,
        "too-costly",
    ),
    ("one write longer than is taken", bundle("transaction", *(posted(n) for n in range(MANY))), 400, "too-costly"),
    ("100,000 entries long", bundle("batch", *[{}] * 100_000), 400, "too-costly"),
    ("with an address twice", bundle("transaction", posted(1), posted(1)), 400, "invalid"),
    ("with a total", bundle("transaction", posted(), total=1), 400, ""),
    ("in a Bundle", bundle("batch", entry("POST", "", bundle("batch", posted()))), 400, ""),
    ("with a search within", bundle("transaction", posted(), search={"mode": "match"}), 400, ""),
]
"""Bundles as a whole, whatever stands in their entries."""

ENTRIES = [
    ("a method there is not", entry("BREW", "Goal", goal("PERSON"))),
    ("a method in small letters", entry("post", "Goal", goal("PERSON"))),
    ("no method", {"request": {"url": "Goal"}, "resource": goal("PERSON")}),
    ("no address", {"request": {"method": "POST"}, "resource": goal("PERSON")}),
    ("an address elsewhere", entry("POST", "https://a.example/fhir/Goal", goal("PERSON"))),
    ("an address of the other version", entry("POST", "/fhir/R3/Goal", goal("PERSON"))),
    ("an address that climbs", entry("POST", "../v1/people", goal("PERSON"))),
    ("an address of 100 kB", entry("GET", "Goal/" + "a/" * 50_000)),
    ("an address with a NUL", entry("GET", "Goal/%00")),
    ("a type there is not", entry("POST", "Nonsense", {"resourceType": "Nonsense"})),
    ("a type of another standard", entry("POST", "Invoice", {"resourceType": "Invoice"})),
    ("another type than the address", entry("POST", "Task", goal("PERSON"))),
    ("nothing to create", entry("POST", "Goal")),
    ("a list to create", {"request": {"method": "POST", "url": "Goal"}, "resource": [goal("PERSON")]}),
    ("a Bundle to carry out", entry("POST", "Bundle", bundle("batch", posted()))),
    ("the statement", entry("GET", "metadata")),
    ("an operation there is not", entry("POST", "Goal/$nonsense", {"resourceType": "Parameters"})),
    ("another Bundle", entry("POST", "", bundle("batch", posted()))),
    ("criteria of nothing", entry("POST", "Goal", goal("PERSON"), ifNoneExist="")),
    ("criteria for everything", entry("POST", "Goal", goal("PERSON"), ifNoneExist="?")),
    ("criteria that are not known", entry("POST", "Goal", goal("PERSON"), ifNoneExist="nonsense=1")),
    ("criteria of 500 values", entry("POST", "Goal", goal("PERSON"), ifNoneExist="_id=" + "a," * 500)),
    ("criteria of six steps", entry("POST", "CarePlan", goal("PERSON"), ifNoneExist="part-of." * 6 + "status=active")),
    ("criteria that no escape says", entry("POST", "Goal", goal("PERSON"), ifNoneExist="_id=%ff")),
    ("a version that is none", entry("PUT", "Goal/GOAL", goal("PERSON", id="GOAL"), ifMatch="newest")),
    ("a version of 5,000 digits", entry("PUT", "Goal/GOAL", goal("PERSON", id="GOAL"), ifMatch=f'W/"{"9" * 5000}"')),
    ("a version that is past", entry("DELETE", "Goal/GOAL", ifMatch='W/"9"')),
    ("a search of 20 keys", entry("GET", "Goal?_sort=" + "_id," * 20)),
    ("a search that no escape says", entry("GET", "Goal?_id=%ff")),
    ("a link to itself as the person", entry("POST", "Goal", goal(link(9)), link(9))),
    ("a person that no entry is", entry("POST", "Goal", goal(link(8)), link(9))),
    (
        "a search for nobody",
        entry("POST", "Goal", goal("x:") | {"subject": {"reference": f"Patient?identifier={NHS}|9"}}),
    ),
    (
        "a search for a person by half an escape",
        entry("POST", "Goal", goal("x:") | {"subject": {"reference": "Patient?_id=%f"}}),
    ),
    (
        "a search for a person in six steps",
        entry("POST", "Goal", goal("x:") | {"subject": {"reference": "Patient?" + "link." * 6 + "name=a"}}),
    ),
    ("a patch of nothing", entry("PATCH", "Goal/GOAL")),
    ("a patch that is a Goal", entry("PATCH", "Goal/GOAL", goal("PERSON"))),
    (
        "a patch that is no patch",
        entry("PATCH", "Goal/GOAL", {"resourceType": "Binary", "contentType": "text/plain", "data": "!"}),
    ),
]
"""Entries that fail: a transaction with one of them writes nothing, a batch goes on."""


def case(what, sent, status, code=""):
    return Case(what, "POST ", status, code, JSON, json.dumps(sent).encode())


async def test_a_bundle_that_cannot_be_carried_out_is_refused_as_a_whole(world, ids):
    found = await faults(
        world, [case(f"a Bundle {what}", sent, status, code) for what, sent, status, code in SHAPES], ids=ids
    )
    assert not found, "\n".join(found)


async def test_an_entry_that_fails_undoes_its_transaction(world, ids):
    refused = [400, 403, 404, 405, 409, 412, 422]
    table = [case(what, bundle("transaction", posted(), one), tuple(refused)) for what, one in ENTRIES]
    reads = [one for one in table if b'"GET"' in one.body]
    found = await faults(world, [one for one in table if one not in reads], ids=ids)
    assert not found, "\n".join(found)


async def test_an_entry_that_fails_leaves_the_rest_of_its_batch(world, ids):
    for what, one in ENTRIES:
        for base in BASES:
            before = await kept(world)
            answered = await sent(world, case(what, bundle("batch", one, posted(5)), 200), base, "json", ids)
            if answered.status != 200:
                # What is no Bundle at all is nothing that could go on.
                assert answered.status == 400, (what, answered)
                outcome(answered, base)
                assert await kept(world) == before, what
                continue
            statuses = [said["response"]["status"] for said in json.loads(answered.body)["entry"]]
            assert statuses[0][0] == "4", (what, base, answered.body[:400])
            assert statuses[1] == "201 Created", (what, base, answered.body[:400])


CIRCLES = [
    ("two that refer to each other", [refers(0, link(1)), refers(1, link(0))], 200),
    ("one that refers to itself", [refers(0, link(0))], 200),
    ("200 in a circle", [refers(n, link((n + 1) % 200)) for n in range(200)], 200),
    ("200 that refer to one", [refers(n, link(0)) for n in range(200)], 200),
    (
        "two people who are each other's",
        [entry("POST", "Goal", goal(link(1)), link(0)), entry("POST", "Goal", goal(link(0)), link(1))],
        400,
    ),
    (
        "tasks that are part of each other",
        [refers(n, "Goal/GOAL", partOf=[{"reference": link((n + 1) % 3)}]) for n in range(3)],
        200,
    ),
    ("a link to nobody", [refers(0, link(99))], (200, 400)),
]


async def test_circles_of_entries_come_to_an_end(world, ids):
    table = [case(what, bundle("transaction", *entries), status) for what, entries, status in CIRCLES]
    found = await faults(world, table, ids=ids, forms=["json"])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("times", [100, MOST_ENTRIES])
async def test_the_same_question_is_asked_of_the_database_once(world, ids, times, monkeypatch):
    asked = []
    search = world.desk.search

    async def counted(*args, **more):
        asked.append(args)
        return await search(*args, **more)

    monkeypatch.setattr(type(world.desk), "search", lambda self, *args, **more: counted(*args, **more))
    who = f"Patient?identifier={NHS}|NUMBER"
    found = await faults(
        world,
        [
            case(
                "conditional references",
                bundle(
                    "transaction",
                    *(
                        entry("POST", "Goal", goal("x:") | {"subject": {"reference": who}}, link(n))
                        for n in range(times)
                    ),
                ),
                200,
            )
        ],
        ids=ids,
        forms=["json"],
    )
    assert not found, "\n".join(found)
    assert len(asked) == len(BASES)


async def test_1000_different_conditional_references_are_refused_or_end_in_time(world, ids):
    entries = [
        entry("POST", "Goal", goal("x:") | {"subject": {"reference": f"Patient?identifier={NHS}|{n}"}}, link(n))
        for n in range(MOST_ENTRIES)
    ]
    found = await faults(
        world, [case("1,000 questions", bundle("transaction", *entries), (400, 412))], ids=ids, forms=["json"]
    )
    assert not found, "\n".join(found)


async def test_a_bundle_in_xml_has_the_same_limits(world, ids):
    entries = [entry("POST", "Goal", goal("PERSON"), link(n)) for n in range(MANY)]
    text = write(bundle("transaction", *entries), "R4")
    found = await faults(world, [replace_body("a long one", text, 400, "too-costly")], ids=ids)
    assert not found, "\n".join(found)


def replace_body(what, text, status, code):
    return Case(what, "POST ", status, code, XML, text if isinstance(text, bytes) else text.encode())
