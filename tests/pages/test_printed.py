"""What is printed of a plan and of a discharge: never more than two pages, marked on each, nothing that acts."""

import pikepdf
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from api.pages.care.paper import printed_press
from api.pages.care.paper.printed import CUT, LEVELS, UNKNOWN, Block, Marks, Sheet, legible, shortened
from api.pages.care.paper.printed_discharge import discharge_sheet
from api.pages.care.paper.printed_plan import plan_sheet
from api.pages.care.paper.printed_press import PRESS, Press
from plan.model import AgencyId, Section
from plan.problem import Problem
from tests.pages.paper import LINE, NOW, NURSE, bare, entry, fullest, opened, pages, plan, text_of

MARKS = Marks(name="Ada Test", number="900 000 0009", when="4 March 2026, 14:05", by="Nurse Test", as_of="1 March 2026")
ACTS = ("", "#", "$", "]", "*/", '"', "\\", "[#", "{{", "</p>")
DOES = (
    'import "@preview/cetz:0.4.2": *',
    'read("/etc/passwd")',
    'image("http://127.0.0.1:9/x.png")',
    'link("https://elsewhere.example")[press]',
    'eval("1+1")',
    'panic("gone")',
    "sys.inputs",
    "set page(width: 1cm)",
    "let sheet = none",
    " x^2 $",
    "[content]",
    "<label>",
    "@reference",
    "= Heading",
    "- item",
    "_under_ *strong* `raw`",
    "~ -- --- ...",
    "// comment",
    "/* comment",
    "'quote' \"double\"",
    "<script>alert(1)</script>",
    "https://elsewhere.example/?a=b",
    "javascript:alert(1)",
    "(/URI) /JavaScript /OpenAction",
    "%PDF-1.7 endobj",
    "\\u{41} \\n \\",
    "{{ 7*7 }} ${x} %s",
    "%2e%2e%2f..%2f",
    "' or 1=1 --",
    "\x07\x00\x1b[2J",
    "\u202egnp.exe",
    "e\u0301\u0323 combining",
    "Ω Ж ß ş",
    "漢字 \U0001f600",
    "بيت house",
    "n" * 90,
    "<![CDATA[x]]>",
    "&lt;&amp;",
    "\ufeffbom",
    "#" * 40,
    "]" * 40,
    "$" * 40,
    "(" * 40,
    "\ue000private",
    "a\u200bb",
    "#counter(page).update(9)",
    "#metadata(1)<x>",
    "#pagebreak()",
    '#pdf.attach("x")',
    "#html.elem()",
)
PAYLOADS = [f"{before}{does}" for before in ACTS for does in DOES]


def sheet(*texts: str) -> Sheet:
    return Sheet(title="A sheet", marks=MARKS, blocks=(Block(title="Block", rows=tuple((text,) for text in texts)),))


def said(text: str) -> str:
    """A text as paper has it."""
    return bare(legible(" ".join(text.split())))


async def test_the_fullest_plan_has_two_pages_and_each_its_marks():
    known = fullest()
    needs = [{"severity": "critical", "words": LINE, "due": "2026-03-05", "reference": "X/goal-1"}] * 200
    pdf = await PRESS.printed(plan_sheet(known, needs, NURSE), NOW)
    found = pages(pdf)
    assert len(found) == 2
    assert "more: see the plan" in found[0] + found[1]
    for number, page in enumerate(found, 1):
        assert bare("Uncontrolled copy") in bare(page)
        assert bare("NHS number 900 000 0009") in bare(page)
        assert bare("Printed 4 March 2026, 14:05 by Nurse Test, clinician, Test hospital") in bare(page)
        assert bare("as the plan was changed on 4 March 2026, 14:04") in bare(page)
        assert bare(f"Page {number} of 2") in bare(page)


async def test_the_fullest_discharge_has_two_pages():
    stay = entry("stay", "s1", {"status": "in_hospital", "ward": LINE, "admitted": "2026-03-01T10:00:00Z"})
    known = fullest()
    known = plan(*known.entries.values(), stay, identity=known.identity)
    pdf = await PRESS.printed(discharge_sheet(known, stay, NURSE), NOW)
    assert 1 <= len(pages(pdf)) <= 2


async def test_even_where_no_word_ends_the_last_level_fits():
    wide = entry("allergy", "a", {"substance": "W" * 255, "status": "active"})
    many = [entry("goal", f"g{n}", {"goal": "W" * 9000, "status": "active"}) for n in range(300)]
    pdf = await PRESS.printed(plan_sheet(plan(wide, *many), [], NURSE), NOW)
    assert len(pages(pdf)) <= 2
    assert "And" in "".join(pages(pdf))


async def test_a_small_plan_is_printed_whole():
    known = plan(
        entry("allergy", "a", {"substance": "Penicillin", "status": "active", "reaction": "Rash"}),
        entry("about_me", "b", {"most_important": "My own front door.", "communication": "Speak up on my left."}),
        entry("goal", "c", {"goal": "Walk to the shop", "status": "active", "score": -1}),
        entry("goal", "d", {"goal": "Nothing any more", "status": "cancelled"}),
        entry("service", "e", {"service": "Morning care", "status": "active", "gives_medicines": False}),
        entry("medicine", "f", {"medicine": "Co-careldopa", "status": "active", "time_critical": True}),
        entry("equipment", "g", {"item": "Bed rail", "status": "ordered"}),
        entry("contingency", "h", {"trigger_factors": [{"text": "A fall"}], "what_should_happen": ["Ring 999"]}),
        entry("contact", "i", {"name": "Bea Test", "phone": "020 7946 0001", "roles": ["unpaid_carer"]}),
        entry("review", "j", {"signed": "CarePlan/x/_history/1", "outcome": "no_change"}),
        entry("legal", "k", {"advance_decisions": [{"decision": "No tube", "location": "Drawer"}]}),
    )
    shown = text_of(await PRESS.printed(plan_sheet(known, [], NURSE), NOW))
    for text in (
        "Born: 12 May 1941 (aged 84)",
        "How to communicate: Speak up on my left.",
        "Penicillin: Rash",
        "What matters most to me: My own front door.",
        "Walk to the shop",
        "score -1",
        "does NOT give or prompt medicines",
        "Co-careldopa: TIME-CRITICAL",
        "Bed rail: NOT YET THERE: ordered",
        "If this happens: A fall",
        "Then do: Ring 999",
        "Refused in advance: No tube (paper: Drawer)",
        "Bea Test: 020 7946 0001, carer",
        "Nothing needs you now.",
        "No change, 4 March 2026",
    ):
        assert bare(text) in shown, text
    assert bare("Nothing any more") not in shown
    assert bare(CUT) not in shown


@pytest.mark.parametrize("of_a_plan", [True, False])
async def test_what_must_not_lie_in_the_home_is_not_on_paper_and_leaves_no_mark(of_a_plan):
    stay = entry("stay", "s", {"status": "in_hospital"})
    secret = [
        entry("medicine", "m", {"medicine": "Hidden", "status": "active"}, restriction=frozenset({AgencyId("RX1")})),
        entry("allergy", "a", {"substance": "Hidden", "status": "active"}, restriction=frozenset({AgencyId("RX1")})),
        entry("service", "v", {"service": "Hidden", "status": "active"}, section=Section.SAFEGUARDING),
        entry("sealed_address", "x", {"address": {"lines": ["Hidden"]}}),
    ]
    with_it, without = plan(stay, *secret), plan(stay)

    def of(known):
        return plan_sheet(known, [], NURSE) if of_a_plan else discharge_sheet(known, stay, NURSE)

    assert await PRESS.printed(of(with_it), NOW) == await PRESS.printed(of(without), NOW)


async def test_the_same_is_the_same_to_the_byte_and_another_time_is_another_paper():
    known = plan(entry("goal", "g", {"goal": "Walk", "status": "active"}))
    first = await PRESS.printed(plan_sheet(known, [], NURSE), NOW)
    assert first == await PRESS.printed(plan_sheet(known, [], NURSE), NOW)
    assert first != await PRESS.printed(plan_sheet(known, [], NURSE), NOW + 60_000)


def test_the_version_changes_with_what_is_shown_and_with_nothing_else():
    known = plan(entry("goal", "g", {"goal": "Walk", "status": "active"}))
    other = plan(entry("goal", "g", {"goal": "Run", "status": "active"}))
    version = plan_sheet(known, [], NURSE).version
    assert version == plan_sheet(plan(*known.entries.values(), team=known.team), [], NURSE).version
    assert version != plan_sheet(other, [], NURSE).version


async def test_readers_of_the_screen_are_told_what_it_is():
    """PDF/UA-1 (ISO 14289-1): identified, tagged, with a language and a title."""
    with opened(await PRESS.printed(sheet("text"), NOW)) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == "A sheet"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot.Type == "/StructTreeRoot"
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle


async def test_tables_and_headings_are_tagged_as_what_they_are():
    block = Block(title="Block", rows=(("a", "b"),), head=("One", "Two"))
    with opened(await PRESS.printed(Sheet(title="T", marks=MARKS, blocks=(block,)), NOW)) as pdf:
        kinds = {str(one.S) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one}
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/P"} <= kinds


def acting(pdf: bytes) -> set[str]:
    """Everything in a file that acts, leads away or is carried along."""
    found = set()
    with opened(pdf) as one:
        assert "/OpenAction" not in one.Root
        assert "/Names" not in one.Root or "/EmbeddedFiles" not in one.Root.Names
        for thing in one.objects:
            if isinstance(thing, pikepdf.Dictionary):
                found |= {"/URI", "/JS", "/JavaScript", "/EF", "/AA", "/Launch"} & set(thing.keys())
                found |= {"/URI", "/JavaScript", "/Launch"} & {str(thing.get("/S", ""))}
    return found


def test_there_are_five_hundred_texts_that_would_act():
    assert len(set(PAYLOADS)) >= 500


@pytest.mark.parametrize("start", range(0, 500, 25))
async def test_no_text_acts_and_each_stands_as_itself(start):
    some = PAYLOADS[start : start + 25]
    pdf = await PRESS.printed(sheet(*some), NOW)
    shown = text_of(pdf)
    for text in some:
        # What the font joins to one sign, or writes from right to left, is found letter by letter elsewhere.
        if text.isascii():
            assert said(text) in shown, text
    assert acting(pdf) == set()
    assert len(pages(pdf)) <= 2


LETTERS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)


@settings(max_examples=40)
@given(st.lists(LETTERS, min_size=1, max_size=5))
def test_whatever_is_written_can_be_printed(texts):
    assert PRESS._fitted(sheet(*texts), NOW).startswith(b"%PDF-1.7")


@settings(max_examples=40)
@given(ASCII)
def test_every_sign_stands_as_itself(text):
    assert said(text) in text_of(PRESS._fitted(sheet(text), NOW))


async def test_a_letter_that_no_font_has_is_a_gap_that_is_seen_and_explained():
    shown = pages(await PRESS.printed(sheet("Name 漢 \U0001f600"), NOW))[0]
    assert f"Name {UNKNOWN} {UNKNOWN}" in shown
    assert "stands for a letter that cannot be printed" in shown


async def test_what_is_cut_says_so():
    shown = sheet("word " * 4000).told(LEVELS[-1])
    assert shown["blocks"][0]["rows"][0][0].endswith(CUT)
    assert shown["notes"] == ["[...]: the plan says more here."]


@pytest.mark.parametrize(
    "text, most, becomes",
    [
        ("short", 10, "short"),
        ("two\n lines", 10, "two lines"),
        ("one two three", 9, "one two [...]"),
        ("abcdefghijkl", 5, "abcde [...]"),
    ],
)
def test_a_text_is_cut_between_words(text, most, becomes):
    assert shortened(text, most) == becomes


# the press


class Broken:
    """A compiler that fails as it is told to."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.asked = []

    def compile(self, **said):
        self.asked.append(said["sys_inputs"]["sheet"])
        if self.errors and self.errors[0]:
            raise self.errors.pop(0)
        return b"%PDF"


def failed(message: str) -> typst.TypstError:
    """What the compiler says of a sheet that is none."""
    return typst.TypstError(message, "")


class Panic(BaseException):
    """What a compiler that falls over raises."""


async def test_letters_that_a_font_denies_after_all_are_replaced_by_plain_ones():
    made = Broken(failed("the text `x` could not be displayed with font"))
    assert await Press(lambda: made).printed(sheet("déjà"), NOW) == b"%PDF"
    assert "d?j?" in made.asked[-1]


async def test_another_fault_of_a_sheet_is_not_hidden():
    with pytest.raises(typst.TypstError):
        await Press(lambda: Broken(failed("unknown variable"))).printed(sheet("x"), NOW)


async def test_a_compiler_that_falls_over_is_replaced_and_the_service_stays():
    made = [Broken(Panic()), Broken()]
    press = Press(lambda: made.pop(0))
    with pytest.raises(Problem) as told:
        await press.printed(sheet("x"), NOW)
    assert told.value.trouble.value.status == 503
    assert await press.printed(sheet("x"), NOW) == b"%PDF"


async def test_what_never_fits_is_told():
    too_long = failed(printed_press.TOO_LONG)
    with pytest.raises(Problem) as told:
        await Press(lambda: Broken(*[too_long] * len(LEVELS))).printed(sheet("x"), NOW)
    assert told.value.trouble.value.status == 503


async def test_who_comes_when_too_many_wait_is_told_to_try_again():
    with pytest.raises(Problem) as told:
        await Press(waiting=-1).printed(sheet("x"), NOW)
    assert (told.value.trouble.value.status, told.value.headers["Retry-After"]) == (429, "2")
