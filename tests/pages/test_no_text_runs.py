"""Five hundred payloads in messages, answers, titles, names and notes: no page holds anything that would run."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from api.deeds import Deed
from api.pages.care.table import WAYS
from auth.access import Verb
from fhir_facade.faces import FACES
from plan.model import Section
from tests.support.larch import AGENCIES, Larch, larch
from tests.support.payloads import COUNT, ENTRIES, filled, is_taken, lines, payloads, ran
from tests.support.r4 import JSON, R4
from tests.support.talking import care, reader, send, words

ALL = payloads()
TAKEN = lines([one for one in ALL if is_taken(one)])
ROUNDS = -(-len(TAKEN) // sum(repr(body).count("'%'") for *_, body in ENTRIES))


def test_there_are_five_hundred_and_each_is_another():
    assert len(set(ALL)) == COUNT
    assert sum(bool(ran(f'<p title="{one}">{one}</p>')) for one in ALL) > COUNT // 2


def test_what_would_run_is_seen():
    """The door test can fail: each of these is found."""
    for text in (
        "<img src=javascript:x>",
        "<p onclick=x>",
        "<script>x</script>",
        '<a href=" java\tscript:x">',
        "<form action=javascript:x>",
        '<p style="x">',
        "<script src=//evil.example>",
    ):
        assert ran(text), text
    assert ran('<script type="module" src="/care/assets/1/care.js"></script><a href="/care">x</a>') == []


async def test_what_was_typed_comes_back_as_it_was_and_does_not_run(world):
    """A form that cannot be taken is shown again with all that was typed: here with every payload."""
    place = await larch(world)
    carer = await reader(place, "HC1")
    for start in range(0, COUNT, 125):
        texts = ALL[start : start + 125]
        odd = dict(zip(("to", "concern", "section", "only"), texts, strict=False))
        page = await send(carer, care(place, "messages/new"), text="\n".join(texts), **odd)
        assert page.status_code == 422
        assert ran(page.text) == []
        assert " ".join(texts[0].split()) in words(page)


async def test_what_a_browser_would_run_is_refused_as_a_text(world):
    place = await larch(world)
    for text in ALL:
        if not is_taken(text):
            body = {"text": text, "status": "sent"}
            answer = await place.client("HC1").post(f"{place.address}/messages", json=body)
            assert (answer.status_code, "plain text" in answer.text) == (400, True), text


async def written(place: Larch, texts: Iterator[str], rounds: int) -> None:
    """Entries that hold them in every text."""
    for _ in range(rounds):
        for agency, section, kind, body in ENTRIES:
            deed = Deed(
                verb=Verb.CREATE,
                type=FACES[kind].type,
                person=place.ada,
                kind=kind,
                section=Section(section),
                body=filled(body, texts),
            )
            await place.world.write(place.world.visit(AGENCIES[agency][1], agency), deed)


async def crawled(made: Any, place: Larch, most: int = 150) -> dict[str, str]:
    """All pages of a person that their addresses and links lead to, by path."""
    base = care(place, "")
    waiting = [f"/care{way.path}".replace("{person}", place.ada) for way in WAYS if way.show]
    waiting = [path for path in waiting if "{" not in path]
    waiting += [f"{base}messages?show=all", f"{base}referrals?show=all"]
    seen: dict[str, str] = {}
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        if path in seen:
            continue
        page = await made.get(path)
        seen[path] = page.text if "text/html" in page.headers.get("content-type", "") else ""
        links = re.findall(r'href="([^"#]+)"', seen[path])
        here = path.partition("?")[0]
        links = [f"{here}{one}" if one.startswith("?") else one for one in links]
        waiting += [one.replace("&amp;", "&") for one in links if one.startswith(base)]
    return seen


async def test_every_page_shows_every_payload_and_none_runs(world):
    place = await larch(world)
    texts = cycle(TAKEN)
    await written(place, texts, ROUNDS)
    await place.turn()
    doctor = await reader(place, "P10001", name=next(texts))
    pages = await crawled(doctor, place)
    wrong = {path: found for path, text in pages.items() if (found := ran(text))}
    assert wrong == {}
    whole = " ".join(pages.values())
    assert whole.count("alert") > COUNT


NARRATIVES = (
    "<p>Plain</p><img src='x' onerror='alert(1)'/>",
    "<p onclick='alert(1)'>Look</p>",
    "<script>alert(1)</script>",
    "<a href='javascript:alert(1)'>Look</a>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<p style='background:url(javascript:alert(1))'>Look</p>",
)


async def test_a_narrative_of_another_system_does_not_run(world):
    """It is refused, or what is kept of it is shown as a text."""
    place = await larch(world)
    taken = 0
    for div in NARRATIVES:
        narrative = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{div}</div>'}
        resource = {
            "resourceType": "Condition",
            "subject": {"reference": f"Patient/{place.ada}"},
            "code": {"text": "Cough"},
            "text": narrative,
        }
        answer = await place.client("P10001").post(f"{R4}/Condition", json=resource, headers=JSON)
        assert answer.status_code in (201, 400, 422), answer.text
        taken += answer.status_code == 201
    assert taken
    pages = await crawled(await reader(place, "P10001"), place, 60)
    assert "Cough" in " ".join(pages.values())
    assert {path: found for path, text in pages.items() if (found := ran(text))} == {}
