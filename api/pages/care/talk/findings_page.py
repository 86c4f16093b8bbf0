"""Findings: what contradicts, each with its sides beside each other, and how it is settled; what no rule could read.

The service finds, a clinician or the coordinator settles, with a reason. Source: docs/coordination.md, section 4.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_entry, of_person
from api.pages.care.forms import WHOLE, Form
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS, Wording, sentence
from plan.attention import title
from plan.known import Entry, Known, moment
from plan.model import Role
from plan.problem import Problem, Trouble
from plan.unchecked import Unchecked, not_checked

SEVERITIES: Final = ("blocking", "critical", "high", "warn")
SAID: Final = {
    "blocking": ("Blocks going home", "⛔", "The person cannot safely be at home until it is settled."),
    "critical": ("Critical", "▲▲", "Harm is likely if nobody settles it."),
    "high": ("High", "▲", "It needs to be settled soon."),
    "warn": ("Warning", "△", "Look at it when you can."),
}
STATES: Final = {
    "open": "To be settled",
    "resolved": "Settled",
    "withdrawn": "Not a contradiction",
    "gone": "Gone by itself",
}
OUTCOMES: Final = (
    (
        "resolved",
        "It was real, and it is settled",
        "It comes back if one of the entries changes and still contradicts.",
    ),
    ("withdrawn", "It was no contradiction", "The rule was wrong here."),
)
_SETTLES: Final = (Role.CLINICIAN, Role.COORDINATOR)
_VERSIONS: Final = "50"


@dataclass(frozen=True, slots=True)
class Side:
    """One side: what it says that does not fit; the entry, where it is still there, with its address and fields."""

    says: str
    entry: Entry | None
    href: str
    title: str
    kind: str
    section: str
    rows: tuple[tuple[str, list[str]], ...]


@dataclass(frozen=True, slots=True)
class Before:
    """One version of a finding: when, who, in which state, and why."""

    at: int | None
    who: str
    state: str
    why: str


def in_order(found: list[Entry]) -> list[Entry]:
    """The most severe first, of those the oldest."""
    return sorted(found, key=lambda one: (SEVERITIES.index(str(one.body["severity"])), one.created))


def sides(words: Wording, finding: Entry) -> list[Side]:
    """What each side says."""
    told = {str(one["entry"]): str(one["says"]) for one in finding.body.get("evidence", ())}
    references = dict.fromkeys([*map(str, finding.body["sides"]), *told])
    return [_side(words, one, told.get(one, "")) for one in references]


def _side(words: Wording, reference: str, says: str) -> Side:
    entry = words.known.at(reference)
    if entry is None:
        return Side(says, None, "", "It is not in the plan any more, or you may not see it", "", "", ())
    return Side(
        says=says,
        entry=entry,
        href=of_entry(words.known, entry),
        title=title(entry),
        kind=sentence(entry.kind),
        section=SECTIONS.get(entry.section, entry.section),
        rows=tuple(words.rows(entry)),
    )


async def listed(reader: Reader) -> Response:
    """What is to be settled, the most severe first; what was settled; what nobody has compared."""
    known, wanted = await reader.known(), reader.request.query_params.get("show")
    all_ = list(known.of("finding"))
    open_ = in_order([one for one in all_ if one.body["status"] == "open"])
    over = sorted((one for one in all_ if one.body["status"] != "open"), key=lambda one: -one.at)
    words = reader.wording(known)
    unread = list(not_checked(known))
    return reader.page(
        "care/findings.html",
        known,
        wanted="settled" if wanted == "settled" else "open",
        page=paged(reader.request, over if wanted == "settled" else open_, 8),
        counts={"open": len(open_), "settled": len(over)},
        sides=partial(sides, words),
        unread=[(_named(known, one), one.why) for one in unread[:_MOST_UNREAD]],
        unread_more=max(0, len(unread) - _MOST_UNREAD),
        **_GIVEN,
    )


_MOST_UNREAD: Final = 30
_GIVEN: Final[dict[str, Any]] = {"severities": SAID, "states": STATES}


def _named(known: Known, one: Unchecked) -> list[tuple[str, str, str]]:
    return [(of_entry(known, entry), title(entry), sentence(entry.kind)) for entry in one.entries]


async def shown(reader: Reader) -> Response:
    """One of them."""
    return await _shown(reader, Form())


async def _shown(reader: Reader, form: Form) -> Response:
    known = await reader.known()
    one = _found(reader, known)
    words = reader.wording(known)
    return reader.page(
        "care/finding.html",
        known,
        form=form,
        one=one,
        sides=sides(words, one),
        may_settle=one.body["status"] == "open" and reader.role in _SETTLES,
        outcomes=OUTCOMES,
        history=await _history(reader, words, one),
        since=moment(one.body.get("identified")),
        **_GIVEN,
    )


def _found(reader: Reader, known: Known) -> Entry:
    found = known.entries.get(reader.entry)
    if found is None or found.kind != "finding":
        raise Problem(Trouble.NOT_FOUND)
    return found


async def _history(reader: Reader, words: Wording, one: Entry) -> list[Before]:
    """How it came to be as it is, the newest first."""
    address = f"/v1/people/{reader.person}/plan/sections/{one.section}/finding/{one.id}/versions"
    versions = (await reader.ask("GET", address, query={"limit": _VERSIONS})).body["items"]
    return [_before(words, version) for version in versions if version["entry"]]


def _before(words: Wording, version: dict[str, Any]) -> Before:
    body, by = version["entry"], version["by"]
    resolution = body.get("resolution") or {}
    who = words.party(resolution.get("by")) if resolution else ""
    if not who:
        who = "Oneplan" if by["role"] in ("", "service") else f"{words.role(by['role'])}, {words.agency(by['agency'])}"
    why = resolution.get("reason") or body.get("closed") or ""
    return Before(moment(version["at"]), who, STATES[body["status"]], str(why))


async def sent(reader: Reader, form: Form) -> Response:
    """Settle it."""
    one = _found(reader, await reader.known())
    body = {
        "outcome": form.need("outcome", "Say whether it was a real contradiction."),
        "reason": form.need("reason", "Say why. Nothing is settled without a reason."),
    }
    if not form.faults:
        address = f"/v1/people/{reader.person}/findings/{one.id}/resolution"
        try:
            await reader.ask("POST", address, body, key=form.key, version=form.number("version") or 0)
        except Problem as problem:
            form.blame(problem, {"reason": "reason", "outcome": "outcome", "resolution": "reason", "status": WHOLE})
    if form.faults:
        reader.forget()
        return await _shown(reader, form)
    return reader.go(f"{of_person(reader.person)}/findings/{one.id}", "The finding is settled.")


WAYS = (
    Way("/people/{person}/findings", listed),
    Way("/people/{person}/findings/{entry}", shown, sent),
)
