"""Searches that ask for too much, or for what makes no sense: each ends at once, in a refusal that says so, and the
statements of those that are allowed are bounded. FHIR R4 and R5 search.html; nothing is ever left out in silence.
"""

from base64 import urlsafe_b64encode

import pytest

from fhir_facade import query
from fhir_facade.chains import MOST_STEPS
from fhir_facade.includes import MOST_INCLUDES
from fhir_facade.modifiers import MOST_VALUES
from tests.support.limits import Case, faults
from tests.support.r4 import created, goal, task


@pytest.fixture
async def ids(world):
    await world.agency("RX1")
    client = world.client()
    person = await world.person(client)
    one = await created(client, goal(person))
    await created(client, task(person, focus={"reference": f"Goal/{one['id']}"}))
    return {"PERSON": person, "GOAL": one["id"]}


def again(text, times, between=","):
    return between.join([text] * times)


def nested(times):
    """Who is referred to by what is referred to by ..., `times` over."""
    return again("_has:CarePlan:part-of", times, ":") + ":status=active"


def catastrophe(length):
    """What a pattern that may match in many ways goes through for ever."""
    return "a" * length + "!"


MANY = ",".join(map(str, range(100)))

PAGES = [
    Case("a count in exponents", "GET Goal?_count=1e9", 400, "value"),
    Case("a count beyond every page is the largest page", "GET Goal?_count=1000000000", 200),
    Case("a count of 4,000 digits", f"GET Goal?_count={'9' * 4000}", 200),
    Case("a count below nothing", "GET Goal?_count=-1", 400, "value"),
    Case("a count that is a word", "GET Goal?_count=x", 400, "value"),
    Case("a count with a fraction", "GET Goal?_count=1.5", 400, "value"),
    Case("a count in the digits of another script", "GET Goal?_count=%D9%A3", 400, "value"),
    Case("a count twice", "GET Goal?_count=1&_count=2", 400, "value"),
    Case("no count", "GET Goal?_count=", 200),
    Case("a count of nothing", "GET Goal?_count=0", 200),
    Case("a history by a count in exponents", "GET Goal/GOAL/_history?_count=1e9", 400, "value"),
    Case("a history by a count beyond every page", "GET Goal/GOAL/_history?_count=1000000000", 200),
    Case("a history by a count of 4,000 digits", f"GET _history?_count={'9' * 4000}", 400, "value"),
    Case("a history since no moment", "GET Goal/_history?_since=2026", 400, "value"),
    Case("a history at no date", "GET Goal/_history?_at=ge2026", 400, "value"),
    Case("a total of a kind there is not", "GET Goal?_total=all", 400, "value"),
    Case("a summary of a kind there is not", "GET Goal?_summary=most", 400, "value"),
]

TOO_MUCH = [
    Case("500 values", f"GET Goal?lifecycle-status={again('active', 500)}", 400, "too-costly"),
    Case("one value too many", f"GET Goal?_id={again('a', MOST_VALUES + 1)}", 400, "too-costly"),
    Case("as many values as may be", f"GET Goal?_id={again('a', MOST_VALUES)}", 200),
    Case("500 values of a chain", f"GET Task?patient.name={again('a', 500)}", 400, "too-costly"),
    Case("500 values of a composite", f"GET Observation?code-value-quantity={again('a$1', 500)}", 400, "too-costly"),
    Case("a chain of six steps", f"GET CarePlan?{again('part-of', 6, '.')}.status=active", 400, "too-costly"),
    Case("a chain of 900 steps", f"GET CarePlan?{again('part-of', 900, '.')}=x", 400, "too-costly"),
    Case("a chain of as many steps as may be", f"GET CarePlan?{again('part-of', MOST_STEPS, '.')}.status=active", 200),
    Case("a chain that names no parameter", "GET CarePlan?part-of.=x", 400, "not-supported"),
    Case("a chain through what is no reference", "GET CarePlan?status.status=x", 400, "not-supported"),
    Case("a chain to everything there is", "GET Provenance?target._id=x", 400, "too-costly"),
    Case("who is referred to, six times nested", f"GET CarePlan?{nested(6)}", 400, "too-costly"),
    Case("who is referred to, 400 times nested", f"GET CarePlan?{nested(400)}", 400, "too-costly"),
    Case("who is referred to, as often as may be", f"GET CarePlan?{nested(MOST_STEPS)}", 200),
    Case("who is referred to, of half a question", "GET CarePlan?_has:", 200),
    Case("who is referred to, of half a question with a value", "GET CarePlan?_has:=x", 400, "not-supported"),
    Case("20 keys of an order", f"GET Goal?_sort={again('_lastUpdated', 20)}", 400, "too-costly"),
    Case("2,000 keys of an order", f"GET Goal?_sort={again('-_id', 1000)}", 400, "too-costly"),
    Case("the same key of an order five times", f"GET Goal?_sort={again('-_id', query.MOST_SORTS)}", 200),
    Case("an order by what is no parameter", "GET Goal?_sort=nonsense", 400, "not-supported"),
    Case("an order by a chain", "GET Goal?_sort=patient.name", 400, "not-supported"),
    Case(
        "more parameters than are read", f"GET Goal?{again('_id=a', query.MOST_PARAMETERS + 1, '&')}", 400, "too-costly"
    ),
    Case("30 conditions of 100 values", f"GET Goal?{again('_id=' + MANY, 30, '&')}", 400, "too-costly"),
    Case("10,000 ampersands", f"GET Goal?{'&' * 10_000}", 200),
    Case("10,000 parameters", f"GET Goal?{again('a=b', 10_000, '&')}", 400, "too-costly"),
    Case("a value of 100 kB", f"GET Goal?description={'x' * 100_000}", (200, 400)),
    Case("a known parameter with a value of 100 kB", f"GET Patient?name={'x' * 100_000}", 400, "too-costly"),
    Case("a name of 100 kB", f"GET Patient?{'x' * 100_000}=1", 200),
    Case(
        "a name of 100 kB, asked strictly",
        f"GET Patient?{'x' * 100_000}=1",
        400,
        "not-supported",
        {"Prefer": "handling=strict"},
    ),
    Case("a type there is not", "GET ?_type=Nonsense", 400, "not-supported"),
    Case("500 types", f"GET ?_type={again('Goal', 500)}", 200),
    Case(
        "a form of 1,000 parameters",
        "POST Goal/_search",
        400,
        "too-costly",
        {"Content-Type": "application/x-www-form-urlencoded"},
        again("_id=a", 1000, "&").encode(),
    ),
]

ITERATED = "_include:iterate=CarePlan:part-of&_revinclude:iterate=CarePlan:part-of"
ALONG = [
    Case("a circle of inclusions", f"GET CarePlan?patient=PERSON&{ITERATED}", 200),
    Case("everything, again and again", "GET Patient?_id=PERSON&_revinclude:iterate=*:*&_include:iterate=*:*", 200),
    Case(
        "all of a task and all about a goal", "GET Task?patient=PERSON&_include=*&_revinclude:iterate=Task:focus", 200
    ),
    Case("one that includes itself", "GET Task?patient=PERSON&_include:iterate=Task:part-of:Task", 200),
    Case("the same 20 times", f"GET Task?{again('_include=Task:focus', MOST_INCLUDES, '&')}", 200),
    Case("more than are taken", f"GET Task?{again('_include=Task:focus', MOST_INCLUDES + 1, '&')}", 400, "too-costly"),
    Case("an inclusion of nothing", "GET Task?_include=", 200),
    Case("an inclusion of colons", "GET Task?_include=:::::::", 200),
    Case(
        "an inclusion of colons, asked strictly",
        "GET Task?_include=:::::::",
        400,
        "not-supported",
        {"Prefer": "handling=strict"},
    ),
    Case(
        "an inclusion by a modifier that is none",
        "GET Task?_include:again=Task:focus",
        400,
        "not-supported",
        {"Prefer": "handling=strict"},
    ),
    Case("a summary of text with what comes along", "GET Task?_summary=text&_include=Task:focus", 400, "value"),
]

EVIL = [
    "(a+)+$", catastrophe(3900), "%28" * 1300, "%5C" * 1300, "%7C" * 1300, "$" * 3900, "-" * 3900, "+" * 3900,
    "0" * 3900, "/" * 3900, ":" * 3900, "a/" * 1900, "http://" + "a/" * 1900, "_history/" * 400,
    "Goal/x/_history/" * 200, "2026-" * 700, "1." * 1900, "e" * 3900, "eq" * 1900, "%F0%9F%98%80" * 300,
    "%CC%81" * 600, "%EF%B7%BA" * 200, "%DF%BF" * 600, "%00x", "%ED%A0%80", "' or 1=1; --", "urn:uuid:" + "0" * 3000,
]  # fmt: skip
"""Values that make a careless pattern, folding or splitting take for ever."""
SEARCHED = [
    "Patient?name", "Patient?name:exact", "Patient?name:contains", "Patient?identifier", "Patient?identifier:of-type",
    "Patient?birthdate", "Patient?address", "Patient?telecom", "Patient?phonetic", "Goal?patient",
    "Goal?subject:Patient", "Goal?lifecycle-status", "Goal?lifecycle-status:text", "Goal?category:not",
    "Goal?category:in", "Goal?category:below", "Goal?target-date", "Goal?_lastUpdated", "Goal?_id", "Goal?_profile",
    "Goal?_source:below", "Goal?_tag", "Goal?patient:identifier", "Task?patient.name", "Observation?value-quantity",
    "Observation?code-value-quantity", "RiskAssessment?probability", "Consent?source-reference", "Goal?_sort",
    "Goal?_type", "Goal?_elements", "Goal?_page", "Goal?_include", "Goal?_has:Task:focus:code", "Questionnaire?url",
    "?_type", "Goal?_format", "Goal?_pretty", "metadata?mode", "Goal/GOAL/_history?_since", "Goal/GOAL/_history?_at",
    "Goal/_history?_page",
]  # fmt: skip


def page(text):
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


HOSTILE = [
    "null", "[]", "{}", "0", '"a"', "[null]", "[[]]", "[1]", "[1,2]", '["a","b"]', '[1e400,"a"]', '[NaN,"a"]',
    '[true,"a"]', '[1.5,"a"]', '[99999999999999999999,"a"]', '[-99999999999999999999,"a"]', '[1,"a\\u0000"]',
    '[1,"\\ud800"]', '[1,"a","b"]', "[" * 2000, "[" * 900 + "]" * 900, '{"__proto__":1}', "\x00", "[1,{}]", "[1,[]]",
]  # fmt: skip
CURSORS = [
    *(Case(f"a page of {text[:30]!r}", f"GET Goal?_page={page(text)}", 400, "value") for text in HOSTILE),
    *(Case(f"a history from {text[:30]!r}", f"GET _history?_page={page(text)}", 400, "value") for text in HOSTILE),
    *(Case(f"a page of {text[:30]!r} of all types", f"GET ?_page={page(text)}", 400, "value") for text in HOSTILE),
    Case("a page that is no base 64", "GET Goal?_page=***", 400, "value"),
    Case("a page of half a character", "GET Goal?_page=A", 400, "value"),
    Case("a page of 9,000 characters", f"GET Goal?_page={'A' * 9000}", 400, "too-costly"),
    Case("a page twice", "GET Goal?_page=AAAA&_page=AAAA", 400, "value"),
]


@pytest.mark.parametrize("table", [PAGES, TOO_MUCH, ALONG, CURSORS], ids=["pages", "too_much", "along", "cursors"])
async def test_what_asks_for_too_much_is_refused_at_once(world, ids, table):
    found = await faults(world, table, ids=ids)
    assert not found, "\n".join(found)


async def test_no_searched_value_takes_for_ever(world, ids):
    evil = [
        Case(f"{where}={value[:20]}", f"GET {where}={value}", (200, 400, 404, 406))
        for where in SEARCHED
        for value in EVIL
    ]
    found = await faults(world, evil, ids=ids, forms=["json"])
    assert not found, "\n".join(found)
