"""C14: a stay nears the day on which an award may stop, and no adviser has a task.

It counts days as the regulations do and says who should look; it never says what somebody is entitled to. Another
charity counts the day of the discharge otherwise (Independent Age): one more reason to ask an adviser.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from plan.known import HOUSE, Entry, Known
from plan.model import Section
from plan.rules.phrases import said as names
from plan.rules.rule import Ask, Given, Hit, Row, RuleError, Severity
from plan.rules.spans import Spell, said, tomorrow

THERE = frozenset({"arrived", "in_hospital", "on_leave"})
HELD = frozenset({"planned", "accepted", "doing", "paused", "done"})
ANSWERED = frozenset({"confirmed", "not_needed"})
AWARDED = frozenset({"awarded", "claimed", "appeal"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """One benefit that a stay may stop: how many counted days it is paid, and how near two stays count as one.

    `names`: how it is written when the plan has no word of its own for it. `since`: from when the rule holds.
    """

    benefit: str
    title: str
    paid_days: int
    linked_days: int
    source: str
    owner: str
    since: date
    until: date | None = None
    names: tuple[str, ...] = ()

    def holds(self, today: date) -> bool:
        """Whether the rule is in force."""
        return self.since <= today and (self.until is None or today <= self.until)


def sourced(*awards: Award) -> tuple[Award, ...]:
    """The rows. Raises RuleError for one without source, owner or dates: the service does not start with it."""
    for row in awards:
        if not (row.source.strip() and row.owner.strip() and isinstance(row.since, date)):
            raise RuleError(f"{row.title}: source, owner and since must be said")
    return awards


AWARDS: tuple[Award, ...] = sourced(
    Award(
        benefit="attendance_allowance",
        title="Attendance Allowance",
        paid_days=28,
        linked_days=28,
        source="Social Security (Attendance Allowance) Regulations 1991 (SI 1991/2740), regulations 6 and 8",
        owner="Benefits advice lead",
        since=date(1992, 4, 6),
    ),
    Award(
        benefit="personal_independence_payment",
        title="Personal Independence Payment",
        paid_days=28,
        linked_days=28,
        source="Social Security (Personal Independence Payment) Regulations 2013 (SI 2013/377), regs 29, 30 and 32",
        owner="Benefits advice lead",
        since=date(2013, 4, 8),
    ),
    Award(
        benefit="other",
        title="Disability Living Allowance",
        paid_days=28,
        linked_days=28,
        source="Social Security (Disability Living Allowance) Regulations 1991 (SI 1991/2890), regulations 8 and 10",
        owner="Benefits advice lead",
        since=date(1992, 4, 6),
        names=("disability living allowance", "dla"),
    ),
)
"""Benefits of which the plan knows that a stay may stop them. Others are for the adviser to think of."""


def find(known: Known, given: Given) -> Iterator[Hit]:
    """A stay whose counted days have reached a mark, unless an adviser has a task about it."""
    for stay in known.of("stay"):
        admitted = said(stay.body.get("admitted"), known.zone)
        if admitted is None or stay.body.get("status") not in THERE or "discharged" in stay.body:
            continue
        awards, at_risk = _awards(known)
        mark = _mark(known, stay, at_risk or AWARDS, given["marks"])
        if mark and (at_risk or not _written_down(known)) and not _held(known, stay, admitted, awards, given):
            yield _hit(stay, awards, mark)


def wakes(known: Known, given: Given) -> Iterator[int]:
    """Every night of a stay: a day more is counted."""
    if any(stay.body.get("status") in THERE for stay in known.of("stay")):
        yield tomorrow(known)


def _awards(known: Known) -> tuple[list[Entry], list[Award]]:
    """The entries of awards that a stay may stop, and their rules."""
    today = _day(known.now, known)
    pairs = [
        (entry, award)
        for entry in known.of("benefits")
        for award in AWARDS
        if entry.body.get("status") in AWARDED and award.holds(today) and _is(entry, award)
    ]
    return [entry for entry, _ in pairs], [award for _, award in pairs]


def _is(entry: Entry, award: Award) -> bool:
    named = not award.names or names(entry.body.get("name", ""), award.names)
    return entry.body.get("benefit") == award.benefit and named


def _written_down(known: Known) -> bool:
    """Whether somebody has written down the person's benefits, and none of them is one that a stay stops.

    Where nothing is written down nobody has looked, and somebody should.
    """
    return any(True for _ in known.of("benefits"))


def _mark(known: Known, stay: Entry, awards: Iterable[Award], marks: Iterable[int]) -> int:
    """The last mark that the counted days have passed; 0 before the first."""
    linked = min(award.linked_days for award in awards)
    days = counted(known, linked)
    return max((mark for mark in marks if mark <= days), default=0)


def counted(known: Known, linked_days: int) -> int:
    """Days in hospital up to today: neither the day of admission nor that of discharge, stays that are near together.

    Somebody who goes from one hospital to the next on the same day has not left.
    """
    today = _day(known.now, known).toordinal()
    stays = [days for stay in known.of("stay") if (days := _days(stay, known, today))]
    begun = {first for first, _ in stays}
    inside: set[int] = set()
    for first, last in stays:
        inside |= set(range(first + 1, last + 1 if last in begun or last > today else last))
    return _chain(sorted(day for day in inside if day <= today), linked_days)


def _days(stay: Entry, known: Known, today: int) -> tuple[int, int] | None:
    """The day of admission and that of discharge (of a stay that goes on: tomorrow)."""
    admitted, left = (said(stay.body.get(name), known.zone) for name in ("admitted", "discharged"))
    if admitted is None or stay.body.get("status") in ("planned", "cancelled"):
        return None
    if left is None:
        return (_day(admitted.low, known).toordinal(), today + 1) if stay.body.get("status") in THERE else None
    return _day(admitted.low, known).toordinal(), _day(left.low, known).toordinal()


def _chain(days: list[int], linked_days: int) -> int:
    """How many of the days hang together to the last."""
    number = 0
    for at, day in enumerate(days):
        number = number + 1 if at and day - days[at - 1] - 1 <= linked_days else 1
    return number


def _day(moment: int, known: Known) -> date:
    return datetime.fromtimestamp(moment / 1000, known.zone).date()


def _held(known: Known, stay: Entry, admitted: Spell, awards: list[Entry], given: Given) -> bool:
    """Whether an adviser has, or had since the admission, a task about benefits, or has answered for this discharge.

    The service's own tasks do not count: they go with the finding that they are about.
    """
    if any(
        item.body.get("item") == given["item"]
        and item.body.get("stay") == stay.reference
        and item.body.get("status") in ANSWERED
        for item in known.of("readiness")
    ):
        return True
    about = {stay.reference, *(award.reference for award in awards)}
    for task in known.of("action"):
        body = task.body
        names_it = body.get("focus") in about or not about.isdisjoint(body.get("based_on") or ())
        theirs = task.section is Section.BENEFITS and (task.created >= admitted.low or names_it)
        if (
            (theirs or names_it)
            and task.agency != HOUSE
            and body.get("status") in HELD
            and _adviser(known, task, given)
        ):
            return True
    return False


def _adviser(known: Known, task: Entry, given: Given) -> bool:
    """Whether it is an adviser who has the task: by agency, by what they are called, or because they wrote it."""
    who = task.body.get("who") or {}
    if names(who.get("role", ""), given["advisers"]) or names(who.get("name", ""), given["advisers"]):
        return True
    type_, _, id_ = str(who.get("reference", "")).partition("/")
    agency = next((agency for agency in known.agencies.values() if type_ == "Organization" and agency.id == id_), None)
    if agency:
        return agency.kind == "benefits"
    own = known.agencies.get(task.agency)
    return type_ != "Organization" and own is not None and own.kind == "benefits"


def _hit(stay: Entry, awards: list[Entry], mark: int) -> Hit:
    what = ", ".join(_title(entry) for entry in awards) or "benefits not written down"
    return Hit(
        sides=(stay, *awards),
        says=(f"admitted {stay.body['admitted']}, day {mark} counted", *(_title(entry) for entry in awards)),
        detail=f"The stay has reached day {mark} of those that count for benefits, and no adviser has a task ({what}).",
        proposal="Check with an adviser what the stay does to the person's benefits, and who tells the payer.",
        mark=f"day-{mark}",
    )


def _title(entry: Entry) -> str:
    return str(entry.body.get("name") or entry.body["benefit"].replace("_", " ").capitalize())


ROW = Row(
    id="c14-benefits",
    title="A long stay and benefits",
    find=find,
    reads={
        "stay": ("status", "admitted", "discharged"),
        "benefits": ("benefit", "name", "status"),
        "action": ("status", "who", "focus", "based_on"),
        "readiness": ("item", "stay", "status"),
    },
    severity=Severity.WARN,
    source="Coordination design C14; Disability Rights UK, benefits in hospital; the regulations named in AWARDS",
    owner="Benefits advice lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    asks=(
        Ask(to="benefits", what="A long stay may touch the person's benefits. Look at it, and take it on as a task."),
    ),
    given={
        "marks": (14, 21, 27),
        "item": "benefits.awards",
        "advisers": ("adviser", "advisor", "benefits caseworker", "welfare rights", "welfare rights officer"),
    },
)
