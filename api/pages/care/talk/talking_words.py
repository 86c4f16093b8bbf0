"""How messages, referrals and findings are said to people: states, clocks, urgencies and outcomes in words."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from api.pages.care.talk.threads import ORDER, Thread, due, state
from api.pages.care.wording import SECTIONS, Wording
from plan.feedback_table import CLOCKS, Clock
from plan.known import Entry, Known, moment

STATES: Final[Mapping[str, str]] = {
    "sent": "Sent",
    "delivered": "Delivered",
    "seen": "Seen",
    "acknowledged": "Acknowledged",
    "acted": "Acted",
    "closed": "Closed",
}
SAYS: Final[Mapping[str, str]] = {
    "sent": "It has been sent. It reaches the team in a few seconds.",
    "delivered": "It stands in the team's list. Nobody has opened it.",
    "seen": "Somebody has seen it. Nobody has taken it on.",
    "acknowledged": "The team has taken it on.",
    "acted": "There is an answer.",
    "closed": "The answer was understood.",
}
URGENCIES: Final[Mapping[str, str]] = {
    "emergency": "Emergency",
    "urgent": "Urgent",
    "soon": "Soon",
    "routine": "Routine",
}
COLOURS: Final[Mapping[str, str]] = {"emergency": "red", "urgent": "red", "soon": "orange", "routine": "grey"}
OUTCOMES: Final = (
    ("plan_amended", "The plan was changed", "What is to be done differently stands in the plan now."),
    ("visit_booked", "A visit is booked", "Say who comes and when."),
    ("referred", "Referred to somebody else", "Say to whom."),
    ("more_information_needed", "More information is needed", "Say what you need to know."),
    ("no_change", "Nothing changes", "Say why, so that whoever asked can rely on it."),
)
_OUTCOMES: Final = {value: text for value, text, _ in OUTCOMES}
HOUR, MINUTE, DAY = 3_600_000, 60_000, 86_400_000
_WEEK = timedelta(days=6)


class ClockSaid(NamedTuple):
    """A clock in words; `kind`: late, soon or calm, which is said by an icon too."""

    text: str
    kind: str


class StepSaid(NamedTuple):
    """One of the steps of a message: done, now, or to come; by whom and when, once it was taken."""

    text: str
    place: str
    by: str = ""
    at: int | None = None


def outcome(entry: Entry) -> str:
    """What came of a message, by its answer."""
    return _OUTCOMES.get(str(entry.body.get("outcome", "")), "")


def near(known: Known, at: int) -> str:
    """A moment as people say it: today 14:00, Tuesday 14:00, 27 March 2026, 14:00."""
    there, now = (datetime.fromtimestamp(one / 1000, known.zone) for one in (at, known.now))
    away = there.date() - now.date()
    if not away:
        return f"today {there:%H:%M}"
    if abs(away) <= _WEEK:
        return f"{there:%A %H:%M}" if away.days > 0 else f"last {there:%A %H:%M}"
    return f"{there.day} {there:%B %Y, %H:%M}"


def span(milliseconds: int) -> str:
    """How long: 3 days, 2 hours, 5 minutes; roughly, and never nothing."""
    for size, name in ((2 * DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if milliseconds >= size:
            count = milliseconds // (DAY if name == "day" else size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return "less than a minute"


def clock(known: Known, thread: Thread, agency: str) -> ClockSaid | None:
    """Until when a thread must be acknowledged, and who was told when it was not; None when no clock runs."""
    ask = thread.ask_of(agency)
    until = due(ask) if ask else None
    if until is None:
        return None
    if until > known.now:
        return _ahead(known, until, "must be acknowledged by")
    told = "; ".join(dict.fromkeys(_told(thread.notices)))
    return ClockSaid(f"Overdue by {span(known.now - until)}.{f' Told: {told}.' if told else ''}", "late")


def answer_clock(known: Known, until: int) -> ClockSaid:
    """Until when a referral is to be answered."""
    if until > known.now:
        return _ahead(known, until, "an answer is due by")
    return ClockSaid(f"The answer is overdue by {span(known.now - until)}", "late")


def _ahead(known: Known, until: int, what: str) -> ClockSaid:
    left = until - known.now
    said = f"{what} {near(known, until)}: {span(left)} left"
    return ClockSaid(f"{said[:1].upper()}{said[1:]}", "soon" if left < 2 * HOUR else "calm")


def _told(notices: Iterable[Entry]) -> Iterable[str]:
    for one in sorted(notices, key=lambda one: str(one.body.get("sent"))):
        if one.body["topic"]["code"] == "escalation":
            yield from (str(party.get("name") or "a contact") for party in one.body.get("to", ()))


def parties(words: Wording, thread: Thread) -> str:
    """Whom a thread asks, by name."""
    asks = [ask.body["to"] for ask in thread.asks if "to" in ask.body]
    said = [words.party(one) for one in asks or thread.first.body.get("to", ())]
    return ", ".join(filter(None, said)) or "the team that answers for the person"


def readers(words: Wording, entry: Entry) -> str:
    """Who may read an entry, as far as it says so itself."""
    if entry.restriction is None:
        return f"Everybody who reads {SECTIONS.get(entry.section, entry.section)}"
    return ", ".join(words.agency(one) for one in sorted({*entry.restriction, entry.agency}))


def steps(words: Wording, ask: Entry | None) -> list[StepSaid]:
    """All steps of an ask in order, the ones that were passed over among those that are done."""
    now = ORDER.index(state(ask)) if ask else 0
    taken = {str(step["state"]): step for step in (ask.body.get("steps", ()) if ask else ())}
    said = []
    for number, word in enumerate(ORDER):
        place = "done" if number < now else "now" if number == now else "ahead"
        step = taken.get(word)
        by = words.agency(str(step["agency"])) if step else ""
        said.append(StepSaid(STATES[word], place, by, moment(step["at"]) if step else None))
    return said


def means(row: Clock) -> str:
    """What an urgency means in time."""
    if row.minutes:
        return f"They acknowledge it within {span(row.minutes * MINUTE)}, day and night."
    days = f"{row.days} working day{'' if row.days == 1 else 's'}"
    return f"They acknowledge it within {days} of theirs."


URGENCY_CHOICES: Final = (
    *((row.name, URGENCIES[row.name], means(row)) for row in CLOCKS),
    ("emergency", "Emergency", "Somebody is in danger now. This is not a message: ring."),
)
