"""Threads: messages that ask, and those that say the same again within two hours, which are one thread with a count.

One worker's third report and three workers' first are the same news to the team that has to act on it (scenario F6).
Only what the same people may read is put together; and what comes after an answer, or is more urgent than what was
acknowledged, begins anew, so that its own clock runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from plan.clocks import MINUTE, due
from plan.feedback_parties import receivers
from plan.feedback_table import AMOUNTS, CLOCKS, Clock, at
from plan.known import HOUSE, Agency, Entry, Known, moment
from plan.model import AgencyId

_ORDER = [row.name for row in CLOCKS]
_ROUTINE = "routine"
NOBODY = Agency(id=AgencyId("nobody"))
"""Stands for the hours of a team that is not there: those of the table."""


@dataclass(slots=True, kw_only=True)
class Thread:
    """One thread: the messages, oldest first, and the agency that they ask."""

    asked: Agency | None
    note: str
    messages: list[Entry] = field(default_factory=list)

    @property
    def first(self) -> Entry:
        """The message that began it."""
        return self.messages[0]

    @property
    def key(self) -> str:
        """Under which its ask is kept."""
        return key_of(self.first.id, self.asked.id if self.asked else NOBODY.id)

    @property
    def urgency(self) -> str:
        """The most urgent word in it."""
        return min((urgency(one) for one in self.messages), key=_ORDER.index)

    def due(self, known: Known, percent: int) -> int:
        """When so much of its clock has run: that of the message whose time ends first."""
        team = self.asked or NOBODY
        return min(due(one.created, clock(one), team, known.zone, percent) for one in self.messages)


def key_of(message: str, agency: str) -> str:
    """The key of the ask that a message has with an agency."""
    return f"ask:{message}:{agency}"


def asking(entry: Entry) -> bool:
    """Whether a message asks for something: it was sent by somebody, answers nothing, and is urgent or a concern."""
    return entry.agency != HOUSE and asks(entry.body)


def asks(body: object) -> bool:
    """The same of a body."""
    said = body if isinstance(body, dict) else {}
    sent = said.get("status") in ("sent", "sending") and "in_reply_to" not in said
    return sent and ("urgency" in said or "concern" in said)


def urgency(message: Entry) -> str:
    """How urgent a message is; what was recorded elsewhere as an emergency has the shortest clock."""
    said = str(message.body.get("urgency", _ROUTINE))
    return said if said in _ORDER else _ORDER[0]


def clock(message: Entry) -> Clock:
    """The clock of a message."""
    return at(CLOCKS, urgency(message), message.created)


def threads(known: Known) -> list[Thread]:
    """All threads, the oldest first."""
    made: list[Thread] = []
    latest: dict[object, Thread] = {}
    for message in filter(asking, known.of("message")):
        for asked, note in receivers(known, message):
            group = _group(message, asked)
            thread = latest.get(group) if group else None
            if thread is None or not _joins(known, thread, message):
                thread = Thread(asked=asked, note=note)
                made.append(thread)
            thread.messages.append(message)
            if group:
                latest[group] = thread
    return made


def taken(ask: Entry | None, *states: str) -> Iterator[int]:
    """When steps to one of these states were taken."""
    for step in ask.body.get("steps", ()) if ask else ():
        when = moment(step["at"])
        if step["state"] in states and when is not None:
            yield when


def _group(message: Entry, asked: Agency | None) -> object:
    """What messages must have in common to be one thread; None for what no code compares."""
    concern = message.body.get("concern", {})
    if "code" not in concern:
        return None
    said = (concern.get("system"), concern["code"])
    return said, asked.id if asked else None, message.section, message.restriction


def _joins(known: Known, thread: Thread, message: Entry) -> bool:
    window = at(AMOUNTS, "merge_minutes", message.created).value * MINUTE
    ask = known.made(thread.key)
    if message.created - thread.first.created > window:
        return False
    if any(when <= message.created for when in taken(ask, "acted", "closed")):
        return False
    tighter = _ORDER.index(urgency(message)) < _ORDER.index(thread.urgency)
    return not (tighter and any(when <= message.created for when in taken(ask, "acknowledged")))
