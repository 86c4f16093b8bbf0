"""What the measures count, as SQL over entries and their versions: sets of rows in, groups of numbers out.

No statement gives a person's id, or a row that is one person's. `permit` None is everybody, for who may have numbers of
everybody: such a scope goes to the worker's database (db.wall), every other under the permit of who asks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from auth.access import Permit
from db import measure_parts as parts
from db.engine import NOBODY, Database, Row
from db.measure_parts import Scope, Statement
from db.sight import who
from plan.measures import Tally

DAY = 86_400_000
LIMIT = 30.0
"""Seconds after which a measure is given up."""
TOGETHER = "select set_config('enable_nestloop', 'off', true)"
"""PostgreSQL knows nothing of the size of a named part, takes it for tiny and joins row by row: thousands of times too
slow. SQLite makes itself an index.
"""
Ask = Callable[[Statement], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How a measure is counted: the names of its columns, those of its groups first, and its statement."""

    groups: tuple[str, ...]
    counts: tuple[str, ...]
    ask: Ask


async def tallies(database: Database, name: str, scope: Scope) -> list[Tally]:
    """What is counted for a measure. Raises Problem(TOO_COSTLY)."""
    question = QUESTIONS[name]
    statement = Statement(scope, postgres=bool(database.sharing))
    select = question.ask(statement)
    sql, values = statement.whole(select)
    name_ = who(scope.permit, scope.now) if scope.permit else NOBODY
    async with database.transaction(name_) as transaction:
        if database.sharing:
            await transaction.rows(TOGETHER)
        rows = await transaction.rows(sql, values, limit=LIMIT)
    return [_tally(question, row) for row in rows]


def _tally(question: Question, row: Row) -> Tally:
    groups, counts = row[: len(question.groups)], row[len(question.groups) :]
    return Tally(
        group={name: str(value or "") for name, value in zip(question.groups, groups, strict=True)},
        counts={name: int(value or 0) for name, value in zip(question.counts, counts, strict=True)},
    )


def everybody(since: int, until: int, now: int) -> Scope:
    """Everybody's numbers in a period."""
    return Scope(since=since, until=until, now=now)


def of_permit(permit: Permit, since: int, until: int, now: int, person: str = "") -> Scope:
    """What a permit shows, of everybody or of one person."""
    return Scope(since=since, until=until, now=now, permit=permit, person=person)


def _failed(said: Statement) -> str:
    parts.departures(said)
    parts.failures(said)
    return """select d.month, h.estate, d.hospital,
            count(*), sum(case when f.stay is null then 0 else 1 end),
            sum(case when d.state = 'ready' then 1 else 0 end),
            sum(case when d.state = 'not_ready' then 1 else 0 end),
            sum(case when d.state = 'unknown' then 1 else 0 end),
            sum(case when f.stay is not null and d.state = 'ready' then 1 else 0 end)
        from departures d left join homes h on h.person_id = d.person_id
        left join failures f on f.person_id = d.person_id and f.stay = d.stay
        group by d.month, h.estate, d.hospital"""


def _ready(said: Statement) -> str:
    parts.departures(said)
    return """select h.estate, d.hospital, count(*), sum(case when d.state = 'ready' then 1 else 0 end),
            sum(case when d.override is null then 0 else 1 end)
        from departures d left join homes h on h.person_id = d.person_id
        group by h.estate, d.hospital"""


def _told(said: Statement) -> str:
    parts.departures(said)
    words = said.words
    answered = words.text("p.body", "answered", "role")
    for name, items, more in (
        ("answers", "'person.agrees', 'person.carer'", f" and {answered} in ('person', 'carer')"),
        ("contacts", "'hospital.coordinator'", ""),
    ):
        said.part(
            name,
            f"""select distinct d.person_id, d.stay from departures d
            join past p on p.person_id = d.person_id and p.kind = 'readiness'
                and {words.text("p.body", "stay")} = d.stay
            where {words.text("p.body", "item")} in ({items}) and {words.text("p.body", "status")} = 'confirmed'{more}
            and not p.deleted and p.at <= d.at - {DAY} and (p.next is null or p.next > d.at - {DAY})""",
        )
    return """select h.estate, d.hospital, count(*),
            sum(case when a.stay is null or c.stay is null then 0 else 1 end)
        from departures d left join homes h on h.person_id = d.person_id
        left join answers a on a.person_id = d.person_id and a.stay = d.stay
        left join contacts c on c.person_id = d.person_id and c.stay = d.stay
        group by h.estate, d.hospital"""


def _home(said: Statement) -> str:
    """Departures whose ninety days end in the period."""
    parts.departures(said, after=90 * DAY)
    parts.stays(said)
    words = said.words
    end = f"d.at + {90 * DAY}"
    said.part(
        "inside",
        f"""select d.person_id, d.stay, {words.most("s.low", "d.at")} as low, {words.least("s.high", end)} as high
        from departures d join stays s on s.person_id = d.person_id and s.low < {end} and s.high > d.at""",
    )
    parts.union(said, "inside", "away", ("person_id", "stay"))
    return f"""select h.estate, d.hospital, count(*), sum({90 * DAY} - coalesce(a.covered, 0))
        from departures d left join homes h on h.person_id = d.person_id
        left join away a on a.person_id = d.person_id and a.stay = d.stay
        group by h.estate, d.hospital"""


def _attained(said: Statement) -> str:
    parts.homes(said)
    words = said.words
    score, weight = (f"cast({words.text('e.body', name)} as integer)" for name in ("score", "importance"))
    by, scored = words.text("e.body", "scored_by", "reference"), words.moment(words.text("e.body", "scored"))
    said.part(
        "scores",
        f"""select e.person_id, {score} as x, {weight} as w,
            case when {by} like 'Patient/%' or {by} like 'RelatedPerson/%' then 1 else 0 end as own
        from seen e where e.kind = 'goal' and {words.text("e.body", "score")} is not null
            and {words.text("e.body", "importance")} is not null
            and {words.text("e.body", "status")} not in ('cancelled', 'rejected', 'entered_in_error')
            and coalesce({scored}, e.updated) >= ? and coalesce({scored}, e.updated) < ?""",
        (said.scope.since, said.scope.until),
    )
    said.part(
        "people",
        """select person_id, count(*) as goals, sum(w) as weights, sum(w * w) as squares, sum(w * x) as weighted,
            sum(own) as own from scores where x between -2 and 2 and w between 1 and 10 group by person_id""",
    )
    return """select h.estate, p.goals, p.weights, p.squares, p.weighted, p.own, count(*)
        from people p left join homes h on h.person_id = p.person_id
        group by h.estate, p.goals, p.weights, p.squares, p.weighted, p.own"""


def _clashing(said: Statement) -> str:
    parts.homes(said)
    words = said.words
    end = words.least(f"coalesce(p.next, {said.scope.end})", str(said.scope.end))
    said.part(
        "open_spans",
        f"""select p.person_id, {words.most("p.at", str(said.scope.since))} as low, {end} as high from past p
        where p.kind = 'finding' and not p.deleted and {words.text("p.body", "status")} = 'open'
            and {words.text("p.body", "severity")} in ('high', 'critical')
            and p.at < {said.scope.end} and coalesce(p.next, {said.scope.end}) > {said.scope.since}""",
    )
    parts.union(said, "open_spans", "open_days", ("person_id",))
    return """select h.estate, count(*), sum(o.covered)
        from open_days o left join homes h on h.person_id = o.person_id where o.covered > 0 group by h.estate"""


def _signed(said: Statement) -> str:
    parts.homes(said)
    parts.sign_offs(said)
    parts.union(said, "signed_spans", "signed_days", ("person_id",))
    return """select h.estate, count(*), sum(coalesce(s.covered, 0)), sum(n.high - n.low)
        from needing n left join homes h on h.person_id = n.person_id
        left join signed_days s on s.person_id = n.person_id
        group by h.estate"""


def _acknowledged(said: Statement) -> str:
    parts.asks(said)
    return """select a.urgency, k.kind, a.to_, a.took, a.clock, a.ended, count(*)
        from asks a left join kinds k on k.agency = a.to_ where a.message = 1
        group by a.urgency, k.kind, a.to_, a.took, a.clock, a.ended"""


def _between(said: Statement) -> str:
    parts.asks(said)
    parts.items(said)
    return """select from_, to_, took, clock, ended, count(*) from (
            select from_, to_, took, clock, ended from asks
            union all select from_, to_, took, clock, ended from items) q
        where from_ is not null and to_ is not null and from_ <> to_ group by from_, to_, took, clock, ended"""


_BY_HOME = ("estate", "hospital")
_WAITS = ("took", "clock", "ended", "count")
QUESTIONS: Mapping[str, Question] = {
    "failed_discharges": Question(
        groups=("month", *_BY_HOME),
        counts=("total", "count", "gate_ready", "gate_not_ready", "gate_unknown", "failed_although_ready"),
        ask=_failed,
    ),
    "ready_at_departure": Question(groups=_BY_HOME, counts=("total", "count", "overrides"), ask=_ready),
    "time_to_acknowledge": Question(groups=("urgency", "kind", "agency"), counts=_WAITS, ask=_acknowledged),
    "medical_input": Question(groups=("estate",), counts=("people", "covered", "eligible"), ask=_signed),
    "goal_attainment": Question(
        groups=("estate",), counts=("goals", "weights", "squares", "weighted", "own", "people"), ask=_attained
    ),
    "contradiction_days": Question(groups=("estate",), counts=("people", "covered"), ask=_clashing),
    "told_once": Question(groups=_BY_HOME, counts=("total", "count"), ask=_told),
    "days_at_home": Question(groups=_BY_HOME, counts=("total", "home"), ask=_home),
    "interfaces": Question(groups=("from", "to"), counts=_WAITS, ask=_between),
}
"""By the name of the measure (plan.measures)."""
NAMES: Sequence[str] = tuple(QUESTIONS)
