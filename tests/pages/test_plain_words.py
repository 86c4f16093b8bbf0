"""The fixed words of a person's own pages are for a reader of nine to eleven years: measured on every page of them.

Source of the measure and of its bounds: tests/support/plain_words.py. The pages are rendered with an empty plan and
with a filled one, their forms with everything missing too; what was made up is taken out before they are measured.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import httpx
import pytest

from api.pages.care import wording
from api.pages.care.mine import own_saying, own_view, sharing
from plan import log_words
from tests.support.built import BUILT
from tests.support.larch import Larch, larch
from tests.support.own_pages import hidden, someone
from tests.support.own_plan import MADE_UP, allowed, contact, filled
from tests.support.plain_words import ELEVEN, hard, hardest, level, sentences
from tests.support.sign_in import Browser


class Step(NamedTuple):
    """A page below the person's, or its form sent so."""

    path: str
    said: Mapping[str, Any] | None = None


HEALTH = {"party": "agency:HC1", "decision": "permit", "sections": ["health", "housing"]}
NOTHING = {"party": "agency:HC1", "decision": "deny", "sections": ["benefits"]}
LATER = {"change": "end", "end-day": "31", "end-month": "12", "end-year": "2026"}
MESSAGE = {"to": "LA1", "text": "«Hello»", "urgency": "soon", "who_sees": "team"}
OF_BOTH = (
    Step("/mine"),
    Step("/mine/say", {}),
    Step("/mine/say", MESSAGE | {"text": "x" * 20_001}),
    Step("/mine/say", MESSAGE),
    Step("/consents"),
    Step("/print"),
    Step("/calendar"),
    Step("/calendar", {"does": "make", "details": "yes"}),
)
OF_THE_PERSON = (
    *OF_BOTH,
    Step("/mine/words", {}),
    Step("/mine/words", {"most_important": "«Mine»", "version": "99"}),
    Step("/mine/agree", {}),
    Step("/mine/agree", {"section": "social_care", "outcome": "disagreed"}),
    Step("/consents/new", {"end-day": "99"}),
    Step("/consents/new", HEALTH | {"end-day": "1", "end-month": "1", "end-year": "2020"}),
    Step("/consents/new", HEALTH | {"step": "check"}),
    Step("/consents/new", NOTHING | {"step": "check"}),
    Step("/consents/new", NOTHING | {"step": "done"}),
    Step("/consents/history"),
    Step("/looked"),
    Step("/looked?emergency=yes"),
    Step("/looked?from-day=3&from-month=3&from-year=2026&to-day=2&to-month=3&to-year=2026"),
)


def hard_on(page: str) -> list[str]:
    """What is wrong with the words of a page."""
    said = sentences(page, MADE_UP)
    whole = [f"the whole page: {level(said)}"] if level(said) > ELEVEN else []
    return [*whole, *hard(said), *hardest(said)]


async def walked(by: Browser, base: str, steps: Iterable[Step]) -> dict[str, str]:
    """The pages of these steps, by what they are, and the ones that their forms lead to."""
    found: dict[str, str] = {}
    for path, said in steps:
        page = await by.get(f"{base}{path}")
        assert page.status_code in (200, 422), (path, page.text)
        found[path] = page.text
        if said is not None:
            sent = await by.post(f"{base}{path}", **{**_hidden(page.text), **said})
            assert sent.status_code in (200, 303, 422), (path, sent.text)
            found[f"{path} {dict(said)}"[:200]] = (await _there(by, sent)).text
    return found


def _hidden(page: str) -> dict[str, str]:
    names = ("key", "version", "seen", "signed-social_care", "signed-about_me")
    return {name: hidden(page, name) for name in names if hidden(page, name)}


async def _there(by: Browser, sent: httpx.Response) -> httpx.Response:
    return await by.follow() if sent.status_code == 303 else sent


async def linked(by: Browser, base: str, page: str, below: str) -> list[str]:
    """Where the links of a page lead that stand below another."""
    text = (await by.get(f"{base}{page}")).text
    return sorted({one.removeprefix(base) for one in re.findall(rf'href="({base}{below}/[0-9a-f-]{{36}})"', text)})


async def read(here: Larch, by: Browser, steps: Iterable[Step]) -> dict[str, list[str]]:
    """The pages with something wrong, of all that the steps lead to, with what is asked and what was decided."""
    base = f"/care/people/{here.ada}"
    more = [
        Step(path, said)
        for path in await linked(by, base, "/mine", "/mine/asked")
        for said in ({}, {"status": "blocked"})
    ]
    for path in await linked(by, base, "/consents", "/consents"):
        more += [Step(path, said) for said in ({}, LATER | {"step": "check"}, {"change": "stop", "step": "check"})]
    pages = await walked(by, base, [*more, *steps])
    return {path: wrong for path, page in pages.items() if (wrong := hard_on(page))}


@BUILT
@pytest.mark.parametrize("plan", ["an empty plan", "a filled plan"])
async def test_every_page_of_the_person_is_in_plain_words(world, plan):
    here = await larch(world)
    if plan == "a filled plan":
        await filled(here)
    assert await read(here, await someone(here), OF_THE_PERSON) == {}


@BUILT
@pytest.mark.parametrize("plan", ["an empty plan", "a filled plan"])
async def test_every_page_of_a_carer_is_in_plain_words(world, plan):
    here = await larch(world)
    if plan == "a filled plan":
        await filled(here)
    else:
        await allowed(here, "permit", {"carer": await contact(here)}, "about_me")
    by = await someone(here, "carer", "bea-test", "bea-test")
    assert await read(here, by, OF_BOTH) == {}
    assert hard_on((await by.get("/care/mine")).text) == []


@BUILT
async def test_what_leads_nowhere_is_told_in_plain_words(world):
    here = await larch(world)
    alone = await someone(here, "carer", "zoe-test", "zoe-test")
    assert hard_on((await alone.get("/care/mine")).text) == []
    by = await someone(here)
    for path, status in ((f"{here.ada}/mine/asked/none", 404), ("none/mine", 404), (f"{here.ada}/mine/nowhere", 404)):
        page = await by.get(f"/care/people/{path}")
        assert page.status_code == status
        assert hard_on(page.text) == []


@BUILT
async def test_what_was_made_up_is_on_the_pages_and_is_not_measured(world):
    """Else the plan that is filled would prove no more than the empty one."""
    here = await larch(world)
    await filled(here)
    by = await someone(here)
    page = (await by.get(f"/care/people/{here.ada}/mine")).text
    assert page.count("«") > 10
    assert "Emergency access:" in page
    assert len(await linked(by, f"/care/people/{here.ada}", "/mine", "/mine/asked")) == 4
    said = " ".join(sentences(page, MADE_UP))
    for word in ("«", "Larch", "Ada", "Bea", "Zoe", "2026", "7946", "Test"):
        assert word not in said


TABLES: Mapping[str, Iterable[str]] = {
    "parts of about me": own_view.PARTS.values(),
    "agencies": own_view.KINDS.values(),
    "goals": own_view.ATTAINED.values(),
    "questions": [said for question in own_view.QUESTIONS.values() for said in question if said],
    "answers": [text for _, text in (*own_saying.SOON, *own_saying.ANSWERS, *own_saying.WORDS)],
    "everybody": sharing.EVERYBODY.values(),
    "roles": wording.OWN_ROLES.values(),
    "who looked": log_words.ROLES.values(),
    "what they looked at": log_words.SECTIONS.values(),
    "what for": log_words.PURPOSES.values(),
    "how": log_words.DOORS.values(),
    "why they were refused": log_words.REASONS.values(),
    "what they did": [
        f"A nurse {log_words.what(action, kind, parts, why, allowed=not why)}"
        for action in "RECUD"
        for kind in (
            "Goal",
            "AuditEvent",
            "Patient",
            "CareTeam",
            "reading",
            "Subscription",
            "mail",
            "override",
            "calendar",
        )
        for parts in ((), ("health",), ("health", "social_care", "frame"), (log_words.SOMETHING,))
        for why in ("", *log_words.REASONS, "request")
    ],
}


@pytest.mark.parametrize("table", TABLES)
def test_what_the_pages_say_by_a_table_is_in_plain_words(table):
    said = [one for text in TABLES[table] for one in sentences(f"<p>{text}</p>")]
    assert said
    assert [*hard(said), *hardest(said)] == []


MEASURED = (
    # 17 letters in 6 words of 1 sentence: 4.71 * 17 / 6 + 0.5 * 6 - 21.43 = -5.085
    ("<p>The cat sat on the mat.</p>", -5),
    # 37 letters in 10 words of 2 sentences, a heading of 2 words beside them: 17.427 + 2.5 - 21.43 = -1.503
    ("<h1>Coordinated services</h1><p>You may not come. Ask at once, then wait <b>out</b>side.</p>", -1),
    # 62 letters in 5 words: 58.404 + 2.5 - 21.43 = 39.474
    ("<p>Professionals continuously coordinate individualised interventions.</p>", 40),
    ("<p>Yes</p>", 0),
    ("<script>const incomprehensibilities = notwithstanding.circumstances.whatsoever</script>", 0),
)


@pytest.mark.parametrize("page, index", MEASURED)
def test_the_measure_is_the_formula(page, index):
    assert level(sentences(page)) == index


READ: Mapping[str, tuple[str, list[str]]] = {
    "blocks end sentences": ("<li>One thing</li><li>another <b>thing</b></li>", ["One thing", "another thing"]),
    "full stops do": ("<p>Come in. Sit <i>down</i>! Tea?</p>", ["Come in.", "Sit down!", "Tea?"]),
    "a list has points": (
        "<p>They see: health, housing and social care.</p>",
        ["They see", "health", "housing", "social care."],
    ),
    "a label stands by itself": ("<p>Refused: They may not.</p>", ["Refused", "They may not."]),
    "no other colon does": ("<p>One care plan for you: it is shared.</p>", ["One care plan for you: it is shared."]),
    "what is for a screen reader is read": ('<nav aria-label="Menu"><a>My plan</a></nav>', ["Menu", "My plan"]),
    "what is made up is a name": ("<p>«So and so» may see it, «says». </p><p>«So»</p>", ["Ann may see it, Ann."]),
}


@pytest.mark.parametrize("case", READ)
def test_sentences_are_read_as_somebody_reads_them(case):
    page, expected = READ[case]
    assert sentences(page, MADE_UP) == expected


HARD: tuple[tuple[str, list[str]], ...] = (
    ("We will notify you prior to your discharge.", ["notify", "prior to", "discharge"]),
    ("Consents were revoked and the agencies informed.", ["revoke", "agency", "inform", "consent"]),
    ("All the information about a provider\u2019s advisers.", []),
    ('It says "Planned discharge" and no more.', []),
    (" ".join(["word"] * 25), []),
    (" ".join(["word"] * 26), ["26 words"]),
)


@pytest.mark.parametrize("said, words", HARD)
def test_a_hard_word_and_a_long_sentence_are_found(said, words):
    assert sorted(one.partition(":")[0].partition(" (")[0] for one in hard([said])) == sorted(words)


def test_a_sentence_that_is_hard_by_itself_is_found_among_easy_ones():
    bad = "Interdisciplinary professionals continuously coordinate individualised interventions."
    assert [one for one in hardest(["You can say yes or no.", bad]) if bad in one]
    assert len(hardest(["You can say yes or no.", bad])) == 1
