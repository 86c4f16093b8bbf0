"""Findings: what the contradiction rules found, kept as entries, with a task for each agency that wrote a side.

A finding is kept under the name of its rule and its sides, so the same data raises it once. Whoever settles it says
why, and it stays settled until one of the fields changes that the rule reads. When the contradiction is gone the
finding closes by itself, and its tasks with it. Source: docs/coordination.md, section 4.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from plan.contradictions import RULES, hits
from plan.findings_place import Spot, moments, stands
from plan.known import HOUSE, Body, Entry, Known, Wake, Want, derived
from plan.model import AgencyId, Section
from plan.rules.rule import ANY, RESTRICTED, Hit, Row
from plan.rules.spans import DAY, said

GONE = "What contradicted does so no more."
ASKED = "A contradiction was found that concerns this entry. Look at the finding, or ask the coordinator of the plan."
SETTLED = {"status": "done", "outcome": "The finding was settled."}
DONE = ("done", "cancelled", "not_achieved", "refused", "entered_in_error")
PRIORITY = {"critical": "urgent", "blocking": "urgent", "high": "asap", "warn": "routine"}


@dataclass(frozen=True, slots=True)
class Found:
    """One contradiction as it is now, and where its finding stands."""

    row: Row
    hit: Hit
    spot: Spot

    @property
    def key(self) -> str:
        """Under what it is kept: the rule and its sides, whichever order they come in."""
        return key(self.row, self.hit)


def key(row: Row, hit: Hit) -> str:
    """The name of a contradiction."""
    return _key(row.id, (side.reference for side in hit.sides), hit.mark)


def _key(rule: str, sides: Iterable[str], mark: str) -> str:
    ids = "+".join(sorted(side.partition("/")[2] for side in sides))
    return f"finding:{rule}:{ids}" + (f":{mark}" if mark else "")


def found(known: Known) -> Iterator[Found]:
    """The contradictions that have a place to stand."""
    for row, hit in hits(known):
        spot = stands(known, hit.sides, row.only)
        if spot is not None:
            yield Found(row, hit, spot)


def derive(known: Known) -> Iterator[Want | Wake]:
    """The findings that ought to be there, the tasks that go with them, and when to look again."""
    now = list(found(known))
    for one in now:
        yield from _kept(one, known)
    names = {one.key for one in now}
    for finding in known.of("finding"):
        name = _name(finding)
        if finding.agency == HOUSE and name not in names:
            yield from _over(name, finding, known)
    named = (at for row in RULES if row.wakes for at in row.wakes(known, row.given))
    ahead = [at for at in (*_dates(known), *moments(known), *named) if at > known.now]
    if ahead:
        yield Wake(min(ahead))


def _kept(one: Found, known: Known) -> Iterator[Want]:
    there = known.made(one.key)
    body = _settled(there, one) or _open(there, one, known)
    yield Want(
        key=one.key,
        kind="finding",
        section=one.spot[0],
        body=body,
        restriction=one.spot[1],
        reason=one.row.title,
    )
    if body["status"] == "open":
        again = there is None or there.body["status"] != "open"
        yield from (_asked(one.key, side, body, known, again=again) for side in _authors(one.hit.sides))
    else:
        yield from _closed(one.key, body, known)


def _settled(there: Entry | None, one: Found) -> Body | None:
    """What was settled stays so as long as the sides say what they said then."""
    if there is None or there.body["status"] not in ("resolved", "withdrawn"):
        return None
    return there.body if there.body.get("inputs") == inputs(one.row, one.hit) else None


def _open(there: Entry | None, one: Found, known: Known) -> Body:
    hit, row = one.hit, one.row
    since = there.body.get("identified") if there is not None and there.body["status"] == "open" else None
    return {
        "rule": row.id,
        "title": row.title,
        "severity": (hit.severity or row.severity).value,
        "status": "open",
        "sides": [side.reference for side in hit.sides],
        "detail": hit.detail,
        "evidence": [{"says": says, "entry": side.reference} for says, side in zip(hit.says, hit.sides, strict=True)],
        "proposal": hit.proposal,
        "identified": since or instant(known.now),
        "inputs": inputs(row, hit),
    } | ({"mark": hit.mark} if hit.mark else {})


def _over(name: str, finding: Entry, known: Known) -> Iterator[Want]:
    """A finding whose contradiction is not there any more, or has no place to stand where only they see it who may."""
    body = finding.body
    sides = [side for side in map(known.at, body["sides"]) if side is not None]
    only = next((row.only for row in RULES if row.id == body["rule"]), frozenset())
    spot = stands(known, sides, only) if len(sides) == len(body["sides"]) else (finding.section, finding.restriction)
    closed = dict(body) if body["status"] == "gone" else {**body, "status": "gone", "closed": GONE}
    yield Want(
        key=name,
        kind="finding",
        section=spot[0] if spot else finding.section,
        body=closed if spot else None,
        restriction=spot[1] if spot else None,
        reason=GONE,
    )
    yield from _closed(name, closed, known)


def _name(finding: Entry) -> str:
    """Under what a finding is kept."""
    body = finding.body
    return _key(body["rule"], body["sides"], body.get("mark", ""))


def _authors(sides: Iterable[Entry]) -> list[Entry]:
    """The first side of each agency that wrote one."""
    first: dict[AgencyId, Entry] = {}
    for side in sides:
        if side.agency != HOUSE:
            first.setdefault(side.agency, side)
    return list(first.values())


def _asked(name: str, side: Entry, finding: Body, known: Known, *, again: bool) -> Want:
    """The task of one author. It names their own entry and nothing of the other side, which they may not see.

    `again`: the contradiction is new, or back, so what they made of an earlier task does not count.
    """
    task = _task(side.agency, name)
    there = known.made(task)
    body = {
        "what": ASKED,
        "who": {"reference": f"Organization/{side.agency}"},
        "status": "planned",
        "priority": PRIORITY[finding["severity"]],
        "focus": side.reference,
    }
    if there is not None and not again:
        body = {**there.body, **body, "status": there.body["status"]}
    return _kept_task(task, side.agency, side.section, body)


def _closed(name: str, finding: Body, known: Known) -> Iterator[Want]:
    """The tasks that are there, closed with their finding; what an agency has closed itself stays as it is."""
    outcome = {"status": "cancelled", "outcome": GONE} if finding["status"] == "gone" else SETTLED
    for there in known.of("action"):
        for agency in there.restriction or ():
            task = _task(agency, name)
            if there.id == derived(known.person, task):
                over = there.body["status"] in DONE
                body = there.body if over else {**there.body, **outcome}
                yield _kept_task(task, agency, there.section, body)


def _task(agency: AgencyId, name: str) -> str:
    return f"task:{agency}:{name}"


def _kept_task(task: str, agency: AgencyId, section: Section, body: Body) -> Want:
    only = frozenset({agency})
    return Want(key=task, kind="action", section=section, body=body, restriction=only, reason="A finding.")


def inputs(row: Row, hit: Hit) -> str:
    """A digest of what the sides say in the fields that the rule reads."""
    read = {
        side.id: {name: told[name] for name in row.reads.get(side.kind, row.reads.get(ANY, ())) if name in told}
        for side in hit.sides
        for told in ({**side.body, RESTRICTED: sorted(side.restriction or ())},)
    }
    text = json.dumps(read, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def instant(at: int) -> str:
    """A moment as FHIR writes it."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _dates(known: Known) -> Iterator[int]:
    """The moments at which what the rules read begins, ends, or is a day old."""
    kinds = {kind for row in RULES for kind in row.reads}
    for entry in known.of(*kinds):
        held = (entry.body, entry.body.get("period") or {})
        for value in (value for part in held for value in part.values() if isinstance(value, str)):
            span = said(value, known.zone)
            if span is not None:
                yield from (span.low, span.high + 1, span.low + DAY)
