"""The summary of a plan on two pages: what somebody must know who has nothing but this paper, the most urgent first."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.pages.care.paper.printed import Block, Sheet, pairs
from api.pages.care.paper.printed_words import (
    allergies,
    current,
    identity,
    marks,
    numbers,
    people_to_ring,
    visits,
)
from api.pages.care.wording import SECTIONS, Wording, sentence
from auth.server.parties import Account
from plan.attention import title
from plan.carried import carried
from plan.known import Entry, Known
from plan.model import Json

SEVERITY: Final = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
_IN_USE: Final = frozenset({"delivered", "installed", "tested"})


def plan_sheet(known: Known, needs: Sequence[Mapping[str, Any]], account: Account) -> Sheet:
    """The sheet. `needs`: what needs the reader, as the list of attention tells it."""
    shown = carried(known)
    words = Wording(shown)
    blocks = (
        identity(shown),
        allergies(shown),
        _needs(shown, words, needs),
        _matters(shown),
        _goals(shown, words),
        _week(shown, words),
        _medicines(shown, words),
        _equipment(shown, words),
        _wrong(shown, words),
        _ring(shown),
        _who_sees(shown, words),
        _reviews(shown, words),
    )
    return Sheet(title="Care plan: summary", marks=marks(shown, account), blocks=blocks)


def _needs(known: Known, words: Wording, needs: Sequence[Mapping[str, Any]]) -> Block:
    """What needs the reader now, without what is kept off paper."""
    rows = tuple(
        (SEVERITY.get(one["severity"], one["severity"]), _need(known, one), words.date(one.get("due")) or "No day set")
        for one in needs
        if known.at(one["reference"])
    )
    none = "Nothing needs you now."
    head = ("How urgent", "What", "By when")
    return Block(title="Needs you now", rows=rows, head=head, widths=(2, 9, 4), none=none)


def _need(known: Known, one: Mapping[str, Any]) -> str:
    """What is to be done, and what it is about."""
    about = known.at(one.get("about"))
    return f"{one['words']}: {title(about)}" if about else str(one["words"])


def _matters(known: Known) -> Block:
    about: Mapping[str, Any] = next((one.body for one in known.of("about_me")), {})
    rows = pairs(
        ("What matters most to me", [str(about.get("most_important", ""))]),
        ("Important people", [str(about.get("people_important", ""))]),
        ("Please do, and do not", [str(about.get("please_do_and_dont", ""))]),
        ("How to support me", [str(about.get("how_and_when_to_support", ""))]),
        ("How I am when I am well", [str(about.get("wellness", ""))]),
    )
    return Block(title="What matters to me, in my own words", rows=rows, weight=3)


def _goals(known: Known, words: Wording) -> Block:
    rows = tuple(
        (_goal(one.body), _reached(words, one.body), words.date(one.body.get("due")) or "No day set")
        for one in current(known, "goal")
    )
    return Block(title="Goals", rows=rows, head=("Goal", "How far", "By when"), widths=(9, 5, 4))


def _goal(body: Mapping[str, Any]) -> str:
    own = f' ("{body["own_words"]}")' if "own_words" in body else ""
    return f"{body.get('goal', '')}{own}"


def _reached(words: Wording, body: Mapping[str, Any]) -> str:
    score = f"score {body['score']:+d}" if "score" in body else ""
    return ", ".join(filter(None, (*words.lines(body.get("attainment")), score))) or "Not scored"


def _week(known: Known, words: Wording) -> Block:
    rows = tuple(
        (str(one.body.get("service", "")), visits(words, one.body), _who(words, one, "provider"), _how(one))
        for one in current(known, "service")
    )
    head = ("Service", "When", "Who", "State")
    return Block(title="This week's services", rows=rows, head=head, widths=(4, 6, 4, 2))


def _who(words: Wording, one: Entry, field: str) -> str:
    return words.party(one.body.get(field)) or words.agency(one.agency)


def _how(one: Entry) -> str:
    return sentence(str(one.body.get("status", "")))


def _medicines(known: Known, words: Wording) -> Block:
    """Who gives them first, then what must not come late, then the others."""
    givers = [(str(one.body.get("service", "")), _gives(words, one)) for one in current(known, "service")]
    taken = sorted(current(known, "medicine"), key=lambda one: not one.body.get("time_critical"))
    rows = [row for row in givers if row[1]] + [(str(m.body.get("medicine", "")), _taken(words, m.body)) for m in taken]
    return Block(title="Medicines: who gives them, and which", rows=tuple(rows), weight=2)


def _gives(words: Wording, one: Entry) -> str:
    said = one.body.get("gives_medicines")
    if said is None:
        return ""
    return f"{_who(words, one, 'provider')} {'gives or prompts' if said else 'does NOT give or prompt'} medicines"


def _taken(words: Wording, body: Mapping[str, Any]) -> str:
    parts = (
        str(body.get("dose", "")),
        f"at {', '.join(body['times'])}" if "times" in body else "",
        "when needed" if body.get("as_needed") else "",
        "TIME-CRITICAL" if body.get("time_critical") else "",
        "takes it without help" if body.get("self_given") else "",
        f"given by {words.party(body['given_by'])}" if "given_by" in body else "",
        "" if body.get("status") == "active" else sentence(str(body.get("status", ""))).lower(),
    )
    return ", ".join(filter(None, parts)) or "Dose not recorded"


def _equipment(known: Known, words: Wording) -> Block:
    rows = tuple(
        (str(one.body.get("item", "")), ", ".join(filter(None, (_stands(one), *words.lines(one.body.get("location"))))))
        for one in current(known, "equipment")
    )
    return Block(title="Equipment", rows=rows)


def _stands(one: Entry) -> str:
    state = _how(one)
    return state if one.body.get("status") in _IN_USE else f"NOT YET THERE: {state.lower()}"


def _wrong(known: Known, words: Wording) -> Block:
    rows = [row for one in known.of("legal") for row in _legal(words, one.body)]
    rows += [row for one in known.of("contingency") for row in _contingency(words, one.body)]
    return Block(title="If things go wrong", rows=tuple(rows), weight=3)


def _legal(words: Wording, body: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    cpr: Mapping[str, Json] = body.get("cpr_decision") or {}
    if cpr:
        yield "Resuscitation (CPR)", "; ".join(words.lines(cpr.get("decision")) + words.lines(cpr.get("date")))
    for one in body.get("advance_decisions", ()):
        if "withdrawn" not in one:
            yield "Refused in advance", f"{one['decision']} (paper: {one.get('location', 'in the plan')})"
    for one in body.get("attorneys", ()):
        said = (*words.lines(one["type"]), str(one.get("contact", "")))
        yield "Attorney or deputy", ", ".join(filter(None, (one["name"], *said)))


def _contingency(words: Wording, body: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    set_off = [one["text"] for one in body.get("trigger_factors", ())]
    yield from pairs(
        ("If this happens", set_off),
        ("Watch for", body.get("early_warning_signs", ())),
        ("Then do", body.get("what_should_happen", ())),
        ("Ring", [words.party(one) for one in body.get("who_should_be_contacted", ())]),
        ("Treatment", words.lines(body.get("treatment"))),
        ("Resuscitation", words.lines(body.get("resuscitation"))),
        ("Have ready", body.get("anticipatory_medicines_or_equipment", ())),
        ("What helps", body.get("coping_strategies", ())),
    )


def _ring(known: Known) -> Block:
    rows = (*people_to_ring(known), *numbers(known, (one.id for one in known.members())))
    return Block(title="Who to ring", rows=rows, weight=3)


def _who_sees(known: Known, words: Wording) -> Block:
    rows = tuple(
        dict.fromkeys((words.agency(one.party), words.role(one.role)) for one in known.team if known.stands(one))
    )
    named = [row if row[1] else row[:1] for row in rows if not row[0].startswith("user:")]
    return Block(title="Who can see this plan", rows=tuple(named))


def _reviews(known: Known, words: Wording) -> Block:
    """The last review of each section, the newest first."""
    newest: dict[str, Entry] = {}
    for one in known.of("review"):
        newest[one.section.value] = one
    rows = tuple(
        (
            SECTIONS.get(name, name),
            ", ".join(filter(None, (*words.lines(one.body.get("outcome")), words.day(one.created)))),
            words.by(one),
            words.date(one.body.get("next_review")) or "No day set",
        )
        for name, one in sorted(newest.items(), key=lambda row: -row[1].created)
    )
    head = ("Section", "Outcome", "By", "Next review")
    return Block(title="Last reviews", rows=rows, head=head, widths=(4, 5, 5, 4), none="No review is recorded.")
