"""What the person allows and forbids, in sentences: who can see what now, each decision, and how it came to be so."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.pages.care.mine import consents_change, sharing
from api.pages.care.mine.consents_change import may_decide
from api.pages.care.mine.sharing import labels, sentence
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import Wording, plain
from plan.known import Entry, Known, moment
from plan.model import PLAN_SECTIONS, Role

_STATUS: Final[Mapping[str, str]] = {
    "draft": "Not decided yet",
    "proposed": "Suggested, not decided yet",
    "refused": "The person said no",
    "withdrawn": "Stopped",
}


class Line(NamedTuple):
    """One decision in words. `state`: now, later or over; `mine`: whether this reader may change it."""

    id: str
    sentence: str
    permits: bool
    state: str
    more: tuple[str, ...]
    mine: bool


class Sight(NamedTuple):
    """What one party can see now, and what not, by the labels of sections."""

    value: str
    label: str
    sees: tuple[str, ...]
    not_: tuple[str, ...]
    known: bool


async def show(reader: Reader) -> Response:
    """The page; an auditor, who sees nothing of a plan, has the history alone."""
    if reader.role is Role.AUDITOR:
        return await history(reader)
    known = await reader.known()
    words = reader.wording(known)
    lines = [_line(known, words, one, reader) for one in sharing.decisions(known)]
    return reader.page(
        "care/consents.html",
        known,
        lines=[one for one in lines if one.state == "now"],
        others=[one for one in reversed(lines) if one.state != "now"],
        sights=_sights(known, reader.role),
        may=may_decide(reader, known),
        mine=reader.role is Role.PERSON,
    )


async def history(reader: Reader) -> Response:
    """Every decision and every change of one, the oldest first: for the person and for auditors."""
    asked = reader.request.query_params
    query = {"limit": "50"} | ({"cursor": asked["cursor"]} if "cursor" in asked else {})
    known = None if reader.role is Role.AUDITOR else await reader.known()
    found = (await reader.ask("GET", f"/v1/people/{reader.person}/consent-history", query=query)).body
    words = reader.wording(known) if known else plain(reader.now)
    return reader.page(
        "care/consents_history.html",
        known,
        steps=[_step(known, words, one) for one in found["items"]],
        following=found.get("next", ""),
        mine=reader.role is Role.PERSON,
        words=words,
    )


def _line(known: Known, words: Wording, one: sharing.Decision, reader: Reader) -> Line:
    entry = one.entry
    assert entry is not None
    state = "now" if one.holds(known.now) else "later" if one.active and one.since > known.now else "over"
    own = reader.role is Role.PERSON or entry.agency == reader.account.agency
    return Line(
        id=entry.id,
        sentence=sentence(sharing.whom(known, entry), labels(one.sections), permits=one.permits),
        permits=one.permits,
        state=state,
        more=tuple(_more(words, entry, one, mine=reader.role is Role.PERSON)),
        mine=own and state != "over" and may_decide(reader, known),
    )


def _more(words: Wording, entry: Entry, one: sharing.Decision, *, mine: bool) -> list[str]:
    body: Mapping[str, Any] = entry.body
    since = body.get("start") or body.get("date")
    said = [f"Since {words.date(since)}" if since else f"Since {words.day(entry.created)}"]
    if "end" in body:
        said.append(f"Until {words.date(body['end'])}")
    if not one.active:
        said.append(_STATUS.get(str(body.get("status")), "Stopped"))
    if "recorded_how" in body:
        said.append(f"How: {body['recorded_how']}")
    by = "you" if mine and entry.by_role == Role.PERSON else words.by(entry)
    return [*said, f"Written down by: {by}", *([f"Why: {body['reason']}"] if "reason" in body else [])]


def _sights(known: Known, role: Role) -> list[Sight]:
    made, found = sharing.decisions(known), []
    theirs = [section for section in PLAN_SECTIONS if role in known.readers.get(section, ())]
    for party in sharing.parties(known):
        there = sharing.sees(known, party, made, known.now)
        shown = tuple(section for section in theirs if section in there)
        rest = tuple(section for section in theirs if section not in there)
        found.append(Sight(party.value, party.label, labels(shown), labels(rest), party.role is not None))
    return found


def _step(known: Known | None, words: Wording, one: dict[str, Any]) -> dict[str, Any]:
    """One version of a decision, as facts in words."""
    by = one["recorded_by"]
    return {
        "at": moment(one["at"]) or 0,
        "who": ", ".join((words.role(by["role"]), words.agency(by["agency"]))),
        "own": by["role"] == Role.PERSON,
        "what": _what(one),
        "sentence": sentence(
            _named(known, one), labels(one.get("sections", ())), permits=one.get("decision") == "permit"
        )
        if "decision" in one
        else "",
        "until": words.date(one["end"]) if "end" in one else "",
    }


def _what(one: dict[str, Any]) -> str:
    if one["deleted"]:
        return "Taken away"
    status = str(one.get("status", ""))
    return _STATUS.get(status) or ("Decided" if one["version"] == 1 else "Changed")


def _named(known: Known | None, one: dict[str, Any]) -> list[str]:
    """Whom it was about: by name where the reader sees who they are, otherwise as it is stored."""
    if known is not None and one["consent"] in known.entries:
        return sharing.whom(known, known.entries[one["consent"]])
    return [next(iter(grantee.values())) for grantee in one.get("to", ())]


WAYS = (
    Way("/people/{person}/consents", show),
    Way("/people/{person}/consents/history", history),
    *consents_change.WAYS,
)
