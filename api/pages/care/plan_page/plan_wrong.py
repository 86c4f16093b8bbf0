"""If things go wrong, on the plan page: what to do, what was decided in advance, and which numbers to ring."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from api.pages.care import addresses
from api.pages.care.plan_page.plan_changes import clipped
from api.pages.care.plan_page.plan_glance import readable
from api.pages.care.wording import Wording, sentence
from plan.attention import title
from plan.known import Entry, Known
from plan.model import Section

_MOST_PLANS: Final = 4
_MOST_STEPS: Final = 6
_LINE: Final = 200
_RESUSCITATION: Final[Mapping[str, str]] = {
    "attempt": "Attempt resuscitation",
    "do_not_attempt": "Do not attempt resuscitation",
}
_TREATMENT: Final[Mapping[str, str]] = {
    "full_treatment": "Full treatment",
    "selected_treatment": "Selected treatment",
    "comfort": "Comfort only",
}
_NUMBERS: Final[Mapping[str, str]] = {
    "emergency": "at once",
    "duty": "when the team is not there",
    "team": "in working hours",
}
"""Which contact points are rung, the most pressing first, and what for in short."""


class Steps(NamedTuple):
    """One contingency plan: what sets it off, what happens, in their order, and whom to ring."""

    name: str
    triggers: str
    steps: list[str]
    left: int
    contacts: list[str]
    href: str


class Decided(NamedTuple):
    """What was decided in advance: what about, in words, and where it is written."""

    label: str
    text: str
    href: str


class Number(NamedTuple):
    """A number to ring: whose, what for, and as it is written and dialled."""

    who: str
    what: str
    phone: str
    dialled: str


class Wrong(NamedTuple):
    """The block; `is_open`: the reader has leave to something of it."""

    is_open: bool
    plans: list[Steps]
    left: int
    decided: list[Decided]
    numbers: list[Number]


def wrong(known: Known, words: Wording) -> Wrong:
    """What a reader sees of it."""
    plans = [*known.of("contingency")]
    return Wrong(
        is_open=readable(known, Section.CONTINGENCY),
        plans=[_steps(known, one, words) for one in plans[:_MOST_PLANS]],
        left=max(0, len(plans) - _MOST_PLANS),
        decided=_once(_decided(known, words)),
        numbers=[*_numbers(known)],
    )


def _steps(known: Known, one: Entry, words: Wording) -> Steps:
    body: Mapping[str, Any] = one.body
    steps = [clipped(str(step), _LINE) for step in body.get("what_should_happen", ())]
    triggers = "; ".join(str(each.get("text", "")) for each in body.get("trigger_factors", ()))
    return Steps(
        name=clipped(title(one), _LINE),
        triggers=clipped(triggers, _LINE),
        steps=steps[:_MOST_STEPS],
        left=max(0, len(steps) - _MOST_STEPS),
        contacts=[words.party(each) for each in body.get("who_should_be_contacted", ())][:_MOST_STEPS],
        href=addresses.of_entry(known, one),
    )


def _once(decided: Iterable[Decided]) -> list[Decided]:
    """The same said in two places is said once; what differs stands there both times."""
    found: dict[tuple[str, str], Decided] = {}
    for one in decided:
        found.setdefault((one.label, one.text), one)
    return [*found.values()]


def _decided(known: Known, words: Wording) -> Iterator[Decided]:
    for one in known.of("contingency"):
        at = addresses.of_entry(known, one)
        if said := _RESUSCITATION.get(str(one.body.get("resuscitation"))):
            yield Decided("Resuscitation", said, at)
        if said := _TREATMENT.get(str(one.body.get("treatment"))):
            yield Decided("Treatment", said, at)
        if statement := one.body.get("advance_statement"):
            yield Decided("Advance statement", _joined(*_placed(statement, words)), at)
    for one in known.of("legal"):
        yield from _legal(one.body, addresses.of_entry(known, one), words)


def _legal(body: Mapping[str, Any], at: str, words: Wording) -> Iterator[Decided]:
    if cpr := body.get("cpr_decision"):
        yield Decided("Resuscitation", _joined(_RESUSCITATION[cpr["decision"]], words.date(cpr.get("date"))), at)
    for one in body.get("advance_decisions", ()):
        if not one.get("withdrawn"):
            yield Decided("Advance decision", _joined(clipped(one["decision"], _LINE), *_placed(one, words)), at)
    for one in body.get("attorneys", ()):
        yield Decided("Attorney", _joined(one["name"], sentence(one["type"]).lower(), one.get("contact", "")), at)


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _placed(said: Mapping[str, Any], words: Wording) -> Iterator[str]:
    yield words.date(said.get("date"))
    yield str(said.get("location", ""))


def _numbers(known: Known) -> Iterator[Number]:
    """Of each agency on the team the number that answers soonest."""
    for agency in known.members():
        reached = [(name, agency.contacts[name]) for name in _NUMBERS if name in agency.contacts]
        first = next(((name, one) for name, one in reached if one.phone), None)
        if first:
            name, one = first
            dialled = "".join(each for each in one.phone if each.isdigit() or each == "+")
            yield Number(agency.name or agency.id, _NUMBERS[name], one.phone, dialled)
