"""The parts of the measures' statements: what may be seen, departures, stays, spans, questions with a clock.

Each part is a named query (`with name as (...)`). What a person's entries say is looked at as it is now; what lasted is
told from their versions, each from when it was written until the next one was (`past`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from auth.access import Permit
from db.measure_words import Words
from db.sight import visible

DAY = 86_400_000
_KINDS = (
    "departure failed_discharge readiness stay goal finding review need medicine prescription service equipment"
    " instruction ask"
)
KINDS = ", ".join(f"'{kind}'" for kind in _KINDS.split())
MATERIAL = "'service', 'equipment', 'instruction', 'medicine', 'prescription'"
"""What is a material change to social care (scenario M3): a package, equipment, an instruction, a medicine."""
_TOLD = "'acknowledged', 'acted', 'closed'"
"""The steps by which a message is taken on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Of whom and when: from `since` until before `until`, as it is known `now`; milliseconds since 1970 UTC."""

    since: int
    until: int
    now: int
    permit: Permit | None = None
    person: str = ""

    @property
    def end(self) -> int:
        """Where what still lasts is cut: nobody knows what is after now."""
        return max(min(self.until, self.now), self.since)


class Statement:
    """One statement that grows by its parts; each part stands in it once."""

    def __init__(self, scope: Scope, *, postgres: bool) -> None:
        self.scope = scope
        self.words = Words(postgres)
        self._parts: dict[str, tuple[str, Sequence[object]]] = {}
        self._see()

    def part(self, name: str, sql: str, values: Sequence[object] = ()) -> None:
        """Add a part."""
        self._parts.setdefault(name, (sql, values))

    def whole(self, select: str) -> tuple[str, Sequence[object]]:
        """The statement with all of its parts, and its values."""
        texts = ", ".join(f"{name} as ({sql})" for name, (sql, _) in self._parts.items())
        return f"with {texts} {select}", tuple(value for _, values in self._parts.values() for value in values)

    def may_see(self, alias: str) -> tuple[str, Sequence[object]]:
        """The predicate on a row of entries or versions."""
        seen, values = visible(self.scope.permit, self.scope.now, alias=alias) if self.scope.permit else ("1 = 1", ())
        if self.scope.person:
            return f"{seen} and {alias}.person_id = ?", (*values, self.scope.person)
        return seen, values

    def _see(self) -> None:
        seen, values = self.may_see("e")
        self.part(
            "seen",
            f"""select e.person_id, e.id, e.type, e.kind, e.section, e.agency, e.created, e.updated, e.body
            from entry e where not e.deleted and e.kind in ({KINDS}) and {seen}""",
            values,
        )
        seen, values = self.may_see("v")
        self.part(
            "past",
            f"""select v.person_id, v.id, v.version, v.at, v.kind, v.section, v.by_role, v.deleted, v.body,
                lead(v.at) over (partition by v.person_id, v.id order by v.version) as next
            from entry_version v where v.kind in ({KINDS}) and {seen}""",
            values,
        )


def homes(said: Statement) -> None:
    """On which estate somebody lives: the parent UPRN of their home, or of their address."""
    seen, values = said.may_see("e")
    said.part(
        "homes",
        f"""select t.person_id, min(t.code) as estate from search_token t
        join entry e on e.person_id = t.person_id and e.id = t.entry_id
        where t.param in ('parent-uprn', 'address-parent-uprn') and not e.deleted and {seen} group by t.person_id""",
        values,
    )


def departures(said: Statement, after: int = 0) -> None:
    """Departures in the period, each with its hospital, the gate, and the month in UTC; or those so long before it."""
    homes(said)
    words = said.words
    left = words.moment(words.text("d.body", "left"))
    hospital = words.text("s.body", "hospital", "reference")
    named = f"case when {hospital} like 'Organization/%' then substr({hospital}, 14) else s.agency end"
    said.part(
        "departures",
        f"""select d.person_id, {words.text("d.body", "stay")} as stay, {left} as at,
            substr({words.text("d.body", "left")}, 1, 7) as month, {words.text("d.body", "state")} as state,
            {words.text("d.body", "override")} as override, {named} as hospital
        from seen d left join seen s on s.person_id = d.person_id and s.kind = 'stay'
            and {words.text("d.body", "stay")} = 'Encounter/' || s.id
        where d.kind = 'departure' and {left} >= ? and {left} < ?""",
        (said.scope.since - after, said.scope.end - after),
    )


def failures(said: Statement) -> None:
    """Stays whose departure failed within seven days."""
    words = said.words
    at = words.moment(words.text("f.body", "at"))
    said.part(
        "failures",
        f"""select distinct d.person_id, d.stay from departures d
        join seen f on f.person_id = d.person_id and f.kind = 'failed_discharge'
            and {words.text("f.body", "stay")} = d.stay
        where {at} >= d.at and {at} <= d.at + {7 * DAY}""",
    )


def stays(said: Statement) -> None:
    """The time of each stay; one that lasts ends now."""
    words = said.words
    left = f"coalesce({words.moment(words.text('s.body', 'discharged'))}, {said.scope.now})"
    said.part(
        "stays",
        f"""select s.person_id, {words.moment(words.text("s.body", "admitted"))} as low, {left} as high from seen s
        where s.kind = 'stay' and {words.text("s.body", "status")} not in ('cancelled', 'planned')
            and {words.text("s.body", "admitted")} is not null""",
    )


def union(said: Statement, spans: str, name: str, by: tuple[str, ...]) -> None:
    """How much of time the spans of each group cover, counted once: `covered`. A span's end is not in it."""
    group = ", ".join(by)
    reached = (
        f"max(high) over (partition by {group} order by low, high rows between unbounded preceding and 1 preceding)"
    )
    said.part(f"{name}_ordered", f"select {group}, low, high, {reached} as reached from {spans}")
    start = said.words.most("low", "coalesce(reached, low)")
    covered = f"sum(case when high > {start} then high - {start} else 0 end)"
    said.part(name, f"select {group}, {covered} as covered from {name}_ordered group by {group}")


def sign_offs(said: Statement) -> None:
    """Who needs a clinician's sign-off since when (`needing`), and from when until when one stands (`signed_spans`)."""
    words, scope = said.words, said.scope
    said.part(
        "needing",
        f"""select person_id, {words.most("low", str(scope.since))} as low, {scope.end} as high from (
            select p.person_id, min(p.at) + {7 * DAY} as low from past p
            where p.kind = 'service' and p.section = 'social_care' group by p.person_id) q
        where low < {scope.end} and exists (select 1 from seen e where e.person_id = q.person_id and (
            e.kind in ('medicine', 'prescription', 'stay')
            or (e.kind = 'need' and {words.text("e.body", "category")} = 'diagnosis')))""",
    )
    ends = f"coalesce(min(c.at), {scope.end})"
    said.part(
        "signed",
        f"""select r.person_id, r.at as low, {ends} as high from past r
        left join past c on c.person_id = r.person_id and c.section = 'social_care' and c.kind in ({MATERIAL})
            and c.at > r.at
        where r.kind = 'review' and r.version = 1 and r.section = 'social_care' and r.by_role = 'clinician'
        group by r.person_id, r.id, r.at""",
    )
    low, high = words.most("s.low", "n.low"), words.least("s.high", "n.high")
    said.part(
        "signed_spans",
        f"""select s.person_id, {low} as low, {high} as high from signed s
        join needing n on n.person_id = s.person_id where s.low < n.high and s.high > n.low""",
    )


def asks(said: Statement) -> None:
    """Questions with a clock that began in the period: from whom to whom, how long it took or has taken, its clock."""
    words, scope = said.words, said.scope
    begun = words.moment(words.text("e.body", "started"))
    due = words.moment(words.text("e.body", "due"))
    told = words.moment(words.of("s", "at"))
    said.part(
        "asked",
        f"""select {words.text("e.body", "urgency")} as urgency, {_agency(words, "to")} as to_,
            {_agency(words, "asked_by")} as from_, {begun} as sent, {due} as due,
            case when {words.text("e.body", "focus")} like 'Communication/%' then 1 else 0 end as message,
            (select min({told}) from {words.each("e.body", "steps", "s")}
                where {words.of("s", "state")} in ({_TOLD})) as told
        from seen e where e.kind = 'ask' and {begun} >= ? and {begun} < ? and {due} is not null""",
        (scope.since, scope.end),
    )
    said.part("asks", _waits("urgency, message, ", "asked", str(scope.end)))
    said.part(
        "kinds",
        """select t.entry_id as agency, min(t.code) as kind from directory_search_token t
        where t.person_id = '' and t.type = 'Organization' and t.param = 'type'
            and t.system = 'https://oneplan.example/fhir/CodeSystem/agency-kind' group by t.entry_id""",
    )


def items(said: Statement) -> None:
    """Items of discharges that agencies were asked for in the period; what was not confirmed is still waited for."""
    words, scope = said.words, said.scope
    due = words.moment(words.text("e.body", "due"))
    hospital = words.text("s.body", "hospital", "reference")
    named = f"case when {hospital} like 'Organization/%' then substr({hospital}, 14) else s.agency end"
    said.part(
        "confirmed",
        f"""select p.person_id, p.id, min(p.at) as told from past p where p.kind = 'readiness'
            and not p.deleted and {words.text("p.body", "status")} = 'confirmed' group by p.person_id, p.id""",
    )
    said.part(
        "asked_items",
        f"""select {named} as from_, {_agency(words, "who")} as to_, e.created as sent, {due} as due,
            c.told
        from seen e left join confirmed c on c.person_id = e.person_id and c.id = e.id
        join seen s on s.person_id = e.person_id and s.kind = 'stay'
            and {words.text("e.body", "stay")} = 'Encounter/' || s.id
        where e.kind = 'readiness' and e.created >= ? and e.created < ? and {due} is not null""",
        (scope.since, scope.end),
    )
    said.part("items", _waits("", "asked_items", str(scope.end)))


def _waits(more: str, of: str, end: str) -> str:
    """Whether it ended by the end of what is looked at, how long it took until then, and how long it may take."""
    ended = f"told is not null and told <= {end}"
    return f"""select {more}from_, to_, case when {ended} then 1 else 0 end as ended,
        case when {ended} then case when told > sent then told - sent else 0 end else {end} - sent end as took,
        case when due > sent then due - sent else 0 end as clock from {of}"""


def _agency(words: Words, name: str) -> str:
    """The agency that a party of the body names."""
    said = words.text("e.body", name, "reference")
    return f"case when {said} like 'Organization/%' then substr({said}, 14) end"
