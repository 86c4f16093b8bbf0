"""Attention: what needs one caller now, across the plans that they may see, the most severe and the oldest first.

Nothing of it is stored: it follows from the entries as they are, each by one row that says when a kind of entry needs
somebody, and whom. Design: issue 5, part 3; coordination M1 and M4.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from plan import discharge_facts, discharge_items
from plan.attention_rules import CLOSED, DAY, RULES
from plan.kinds import FRAME_KINDS, KINDS
from plan.known import HOUSE, Entry, Known, moment
from plan.model import AgencyId, PersonId, Role, Section
from plan.referral import ASKED, answer_due, referrals

SEVERITIES: Final = ("critical", "high", "medium", "low")
SOON: Final = DAY
"""What falls due so soon needs somebody now."""
REVIEWED_AHEAD: Final = 7 * DAY
"""A review is due a week before its day."""
RECENT: Final = 3 * DAY
"""How long a message of the service's own stays in sight: nobody has to answer it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks. `names`: every reference that means them: their agency, its services and workers, or the person.

    `manages`: the sections that they sign off. `own`: whether they ask for themself, and not for how another stands.
    """

    agency: AgencyId
    role: Role
    names: frozenset[str]
    manages: frozenset[Section] = frozenset()
    own: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that needs the caller. `since` and `due`: milliseconds since 1970 UTC. `words`: for people."""

    person: PersonId
    kind: str
    severity: str
    since: int
    due: int | None
    entry: Entry
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """When an entry of a kind needs somebody: its field `says` holds one of `values`, and it is theirs.

    `due`: the field that says until when. `severity`: as long as it is not due, or what `severities` makes of the
    value of the field `by`. Overdue raises it by one. `words`: what to do, before the title of the entry.
    """

    kind: str
    says: str
    values: frozenset[str]
    theirs: Callable[[Entry, Asking], bool]
    words: str
    severity: str = "medium"
    by: str = ""
    severities: Mapping[object, str] = field(default_factory=dict)
    due: str = ""
    since: Callable[[Entry], int] = lambda entry: entry.created


def _named(name: str) -> Callable[[Entry, Asking], bool]:
    """Whether a Party, or one of a list of them, means the caller."""

    def theirs(entry: Entry, asking: Asking) -> bool:
        held = entry.body.get(name)
        parties = held if isinstance(held, list) else [held]
        return any(isinstance(one, dict) and one.get("reference") in asking.names for one in parties)

    return theirs


def _settles(entry: Entry, asking: Asking) -> bool:
    """A clinician or the coordinator settles what contradicts, and who manages the section."""
    return asking.own and (asking.role in (Role.CLINICIAN, Role.COORDINATOR) or entry.section in asking.manages)


def _everybodys(entry: Entry, asking: Asking) -> bool:
    return asking.own


def _started(entry: Entry) -> int:
    period = entry.body.get("period")
    said = moment(period.get("start")) if isinstance(period, dict) else None
    return entry.created if said is None else said


def _asked_again(entry: Entry) -> int:
    said = moment(entry.body.get("started"))
    return entry.created if said is None else said


ROWS: tuple[Row, ...] = (
    Row(
        kind="ask",
        says="state",
        values=frozenset(("sent", "delivered", "seen")),
        theirs=_named("to"),
        words="Acknowledge",
        by="urgency",
        severities={"urgent": "high", "soon": "medium", "routine": "low"},
        due="due",
        since=_asked_again,
    ),
    Row(
        kind="finding",
        says="status",
        values=frozenset(("open",)),
        theirs=_settles,
        words="Settle",
        by="severity",
        severities={"warn": "medium", "high": "high", "critical": "critical", "blocking": "critical"},
    ),
    Row(
        kind="flag",
        says="status",
        values=frozenset(("active",)),
        theirs=_everybodys,
        words="Flag",
        severity="low",
        since=_started,
    ),
)
"""A new kind that needs somebody is one row here, and one name in WATCHED follows from it."""
WATCHED: Final = frozenset(
    {row.kind for row in ROWS}
    | {"action", "referral", "readiness", "stay", "equipment", "review", "message", "section"}
)
"""Of which kinds something is asked here."""
KINDS_SHOWN: Final = ("ask", "finding", "flag", "referral", "task", "readiness", "message", "review")
"""What an item can be."""
REVIEWED: Final = ("need", "goal", "service", "instruction", "equipment", "risk", "action")
"""Kinds whose entries say themselves when they are to be reviewed."""


def attention(known: Known, asking: Asking) -> list[Item]:
    """Everything in one plan that needs the caller now."""
    found = [
        *_by_rows(known, asking),
        *_referrals(known, asking),
        *_tasks(known, asking),
        *_readiness(known, asking),
        *_messages(known, asking),
        *_signed(known, asking),
        *_dated(known, asking),
    ]
    return in_order(found)


def in_order(items: Iterable[Item]) -> list[Item]:
    """The most severe first, and of one severity the oldest."""
    return sorted(items, key=lambda one: (SEVERITIES.index(one.severity), one.since, one.person, one.entry.id))


def _by_rows(known: Known, asking: Asking) -> Iterator[Item]:
    for row in ROWS:
        for entry in known.of(row.kind):
            if entry.body.get(row.says) in row.values and row.theirs(entry, asking):
                due = moment(entry.body.get(row.due))
                severity = row.severities.get(entry.body.get(row.by), row.severity)
                if row.kind == "flag" and _must_be_heard(entry, asking):
                    severity = "high"
                yield _item(
                    known,
                    entry,
                    row.kind,
                    _words(known, row, entry),
                    severity=severity,
                    since=row.since(entry),
                    due=due,
                )


def _words(known: Known, row: Row, entry: Entry) -> str:
    """What to do, and with what: of an ask, with what it asks about, where the caller sees that."""
    if row.kind == "flag":
        return title(entry)
    if row.kind != "ask":
        return f"{row.words}: {title(entry)}"
    about = known.at(entry.body.get("focus"))
    return f"{row.words}: {title(about)}" if about else title(entry)


def _must_be_heard(flag: Entry, asking: Asking) -> bool:
    """Whether it is this role that a flag waits for."""
    code, sections = flag.body.get("code"), flag.body.get("sections", ())
    said = code.get("code") if isinstance(code, dict) else ""
    return any(rule.code == said and rule.section in sections and asking.role in rule.roles for rule in RULES)


def _referrals(known: Known, asking: Asking) -> Iterator[Item]:
    """Who is asked answers; whoever asked sees what is late or was refused."""
    for referral, task in referrals(known):
        asked, mine = _named("who")(task, asking), task.agency == asking.agency
        status, due = task.body.get("status"), answer_due(task, referral)
        if status == ASKED and (asked or (mine and due <= known.now)):
            words = "Accept or refuse" if asked else "Not answered"
            severity = "high" if task.body.get("priority") in ("stat", "asap", "urgent") else "medium"
            said = f"{words}: {title(referral)}"
            yield _item(known, task, "referral", said, severity=severity, since=task.created, due=due)
        elif status in ("refused", "not_achieved") and mine and referral.body.get("status") == "active":
            yield _item(known, task, "referral", f"Refused: {title(referral)}", severity="medium", since=task.at)


def _tasks(known: Known, asking: Asking) -> Iterator[Item]:
    """Tasks that nobody has answered, and those that are due."""
    of_referrals = {task.id for _, task in referrals(known)}
    for task in known.of("action"):
        status, due = task.body.get("status"), moment(task.body.get("due"))
        if task.id in of_referrals or not _named("who")(task, asking):
            continue
        is_due = due is not None and due <= known.now + SOON
        if status == ASKED or (status in ("accepted", "doing") and is_due):
            severity = "high" if task.body.get("priority") in ("stat", "asap") else "medium" if is_due else "low"
            yield _item(known, task, "task", title(task), severity=severity, since=task.created, due=due)


def _readiness(known: Known, asking: Asking) -> Iterator[Item]:
    """What must be true at home before a discharge, and was not said, or not for the day that is planned now."""
    for entry in known.of("readiness"):
        stay = known.at(entry.body.get("stay"))
        if stay is None or not _named("who")(entry, asking):
            continue
        how = discharge_items.state(known, discharge_facts.stay(known, stay), entry)
        words = {"open": "Confirm", "blocked": "Blocked", "stale": "Confirm again"}.get(how.value)
        if words:
            severity = "high" if entry.body.get("blocking") else "low"
            due = moment(entry.body.get("due"))
            said = f"{words}: {title(entry)}"
            yield _item(known, entry, "readiness", said, severity=severity, since=entry.created, due=due)


def _messages(known: Known, asking: Asking) -> Iterator[Item]:
    """What the service itself told the caller these days."""
    for entry in known.of("message"):
        if entry.agency == HOUSE and entry.created > known.now - RECENT and _named("to")(entry, asking):
            yield _item(known, entry, "message", title(entry), severity="medium", since=entry.created)


def _signed(known: Known, asking: Asking) -> Iterator[Item]:
    """Sections whose next review is due: the newest review of each says when."""
    newest: dict[Section, Entry] = {}
    for entry in sorted(known.of("review"), key=lambda one: (one.at, one.id)):
        if entry.body.get("next_review"):
            newest[entry.section] = entry
    for section, entry in newest.items():
        if entry.agency == asking.agency or (asking.own and section in asking.manages):
            yield from _review(known, entry, "next_review", REVIEWED_AHEAD, "Review the section")


def _dated(known: Known, asking: Asking) -> Iterator[Item]:
    """Entries, and sections, whose own day of review has passed."""
    for entry in known.of(*REVIEWED):
        if entry.agency == asking.agency and entry.body.get("status") not in (*CLOSED, "done", "refused"):
            yield from _review(known, entry, "review_date", 0, f"Review: {title(entry)}")
    for entry in known.of("section"):
        if asking.own and entry.section in asking.manages:
            yield from _review(known, entry, "review_date", 0, f"Review: {title(entry)}")


def _review(known: Known, entry: Entry, name: str, ahead: int, words: str) -> Iterator[Item]:
    due = moment(entry.body.get(name))
    if due is not None and due - ahead <= known.now:
        yield _item(known, entry, "review", words, severity="low", since=due - ahead, due=due)


def _item(
    known: Known, entry: Entry, kind: str, words: str, *, severity: str, since: int, due: int | None = None
) -> Item:
    """What is overdue is one step more severe."""
    at = SEVERITIES.index(severity)
    if due is not None and due <= known.now:
        at = max(at - 1, 0)
    return Item(person=known.person, kind=kind, severity=SEVERITIES[at], since=since, due=due, entry=entry, words=words)


def title(entry: Entry) -> str:
    """What a reader sees of an entry in a list."""
    row = KINDS.get(entry.kind) or FRAME_KINDS.get(entry.kind)
    return row.title(dict(entry.body)) if row else str(entry.body.get("title") or entry.type)
