"""The review of emergency accesses: the queue, oldest first, and one of them with all that was looked at under it.

An auditor sees nothing of any plan, so these pages name no person: who, why, when and which sections, as the audit has
it.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api import knowing
from api.pages.care.emergency import opening
from api.pages.care.forms import Form
from api.pages.care.mine.log import Look, by_day, looks
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import ROLES, SECTIONS, plain
from db.knowing import directory
from plan.known import moment
from plan.model import Json, Role
from plan.override import BREAK_THE_GLASS, REASONS, TEXT, Outcome
from plan.problem import Problem, Trouble

QUEUE: Final = "/care/overrides"
OUTCOMES: Final = (
    (Outcome.APPROPRIATE.value, "It was right", "They needed to see this plan, and looked at what they needed."),
    (Outcome.INAPPROPRIATE.value, "It was not right", "Follow your agency's procedure for a breach."),
    (Outcome.MORE.value, "I need to know more", "It stays on the list to review, with your question."),
)
_SAID: Final = {value: text for value, text, _ in OUTCOMES}
_STATES: Final = ("open", "reviewed")
_PAGES: Final = 5
"""So many pages of 100 looks are shown of one hour; more is told, not hidden."""


class Row(NamedTuple):
    """One emergency access in words. Moments are milliseconds since 1970 UTC."""

    id: str
    person: str
    since: int
    until: int
    name: str
    role: str
    agency: str
    reason: str
    text: str
    sections: Sequence[str]
    events: int
    waiting: int | None
    outcome: str
    comment: str


async def queue(reader: Reader) -> Response:
    """The queue of an auditor, or what has been reviewed."""
    _must_audit(reader)
    asked = reader.request.query_params
    state = asked.get("state", "open") if asked.get("state", "open") in _STATES else "open"
    query = {"state": state, "limit": "25"} | ({"cursor": asked["cursor"]} if "cursor" in asked else {})
    found = (await reader.ask("GET", "/v1/overrides", query=query)).body
    names = await _agencies(reader, (one["by"]["agency"] for one in found["items"]))
    rows = [_row(one, names) for one in found["items"]]
    return reader.page(
        "care/overrides.html", rows=rows, state=state, following=found.get("next", ""), words=plain(reader.now)
    )


async def one(reader: Reader) -> Response:
    """One of them."""
    return await _shown(reader, Form())


async def review(reader: Reader, form: Form) -> Response:
    """What looking into it came to."""
    _must_audit(reader)
    outcome = form.need("outcome", "Choose what your review came to.")
    comment = form.need("comment", "Say what you found.")
    if comment and not TEXT[0] <= len(comment) <= TEXT[1]:
        form.fault("comment", f"Say what you found in {TEXT[0]} to {TEXT[1]} characters.")
    if not form.faults:
        body: dict[str, Json] = {"outcome": outcome, "comment": comment}
        try:
            await reader.ask("POST", f"/v1/overrides/{reader.entry}/review", body, key=form.key)
        except Problem as problem:
            form.blame(problem)
    if form.faults:
        return await _shown(reader, form)
    return reader.go(QUEUE, done="Your review was saved.")


async def end(reader: Reader, form: Form) -> Response:
    """An auditor ends it before its time."""
    await reader.ask("DELETE", f"/v1/overrides/{reader.entry}", key=form.key)
    return reader.go(f"{QUEUE}/{reader.entry}", done="The emergency access has ended.")


async def _shown(reader: Reader, form: Form) -> Response:
    _must_audit(reader)
    found = (await reader.ask("GET", f"/v1/overrides/{reader.entry}")).body
    row = _row(found, await _agencies(reader, [found["by"]["agency"]]))
    (seen, more), words = await _looked_at(reader, found), plain(reader.now)
    return reader.page(
        "care/override.html",
        form=form,
        row=row,
        days=by_day(seen, words.day),
        more=more,
        outcomes=OUTCOMES,
        running=row.until > reader.now,
        own=found["by"]["subject"] == reader.account.subject,
        reviewed=found["state"] == "reviewed",
        words=words,
    )


async def _looked_at(reader: Reader, found: dict[str, Any]) -> tuple[list[Look], bool]:
    """What they did under it, newest first, and whether more was done than is shown."""
    path = f"/v1/people/{found['person']}/access-log"
    query = {"from": found["opened"], "to": found["expires"], "limit": "100"}
    query |= {"purpose": BREAK_THE_GLASS, "subject": found["by"]["subject"]}
    lines: list[dict[str, Any]] = []
    for _ in range(_PAGES):
        log = (await reader.ask("GET", path, query=query)).body
        lines += log["items"]
        if "next" not in log:
            return looks(lines, mine=False), False
        query["cursor"] = log["next"]
    return looks(lines, mine=False), True


def _row(one: dict[str, Any], names: dict[str, str]) -> Row:
    by, judged = one["by"], one.get("review", {})
    return Row(
        id=one["id"],
        person=one["person"],
        since=moment(one["opened"]) or 0,
        until=moment(one["expires"]) or 0,
        name=by.get("name", by["subject"]),
        role=ROLES.get(by["role"], by["role"]),
        agency=names.get(by["agency"], by["agency"]),
        reason=REASONS.get(one["reason"], one["reason"]),
        text=one["text"],
        sections=[SECTIONS.get(name, name) for name in one["sections_read"]],
        events=one["events"],
        waiting=one.get("age_days"),
        outcome=_SAID.get(judged.get("outcome", ""), ""),
        comment=judged.get("comment", ""),
    )


async def _agencies(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """What the directory calls some agencies; those that it has not are called by their ids."""
    pages = await directory(reader.desk.store.database, ids)
    return {str(one.id): one.name for one in knowing.listed(pages).values() if one.name}


def _must_audit(reader: Reader) -> None:
    if reader.role is not Role.AUDITOR:
        raise Problem(Trouble.REFUSED, "Emergency accesses are reviewed by auditors.")


WAYS = (
    *opening.WAYS,
    Way("/overrides", queue),
    Way("/overrides/{entry}", one, review),
    Way("/overrides/{entry}/end", None, end),
)
