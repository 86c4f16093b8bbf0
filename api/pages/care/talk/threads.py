"""Threads as the pages show them: what was asked and said again, what was answered, who was told, and how far it is.

Made of what one reader sees of a person (plan.known), so a thread holds what they may read and nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from plan.feedback_table import STATES, TOPIC_SYSTEM, TOPICS
from plan.feedback_threads import asks
from plan.kinds import KINDS
from plan.known import HOUSE, Entry, Known, moment

ORDER: Final = tuple(STATES)
OPEN: Final = ("sent", "delivered", "seen")
"""Nobody has taken it on yet."""
NEWS: Final = 3 * 86_400_000
"""For how long what asks nothing stays among what is open, in milliseconds."""


@dataclass(slots=True)
class Thread:
    """One thread. `messages`: what was said, the first one and those that said it again. `asks`: one of each team."""

    messages: list[Entry]
    asks: list[Entry] = field(default_factory=list)
    replies: list[Entry] = field(default_factory=list)
    notices: list[Entry] = field(default_factory=list)

    @property
    def first(self) -> Entry:
        """The message that began it."""
        return self.messages[0]

    @property
    def said(self) -> list[Entry]:
        """Everything that was said, the oldest first."""
        return sorted([*self.messages, *self.replies, *self.notices], key=lambda one: (one.created, one.id))

    @property
    def latest(self) -> int:
        """When something was last said, or a step taken; milliseconds since 1970 UTC."""
        return max(one.at for one in (*self.said, *self.asks))

    @property
    def answer(self) -> Entry | None:
        """The latest answer: a reply that says what came of it."""
        return next((one for one in reversed(self.replies) if "outcome" in one.body), None)

    @property
    def topic(self) -> str:
        """What it is about, in few words."""
        for name in ("concern", "topic"):
            said = self.first.body.get(name) or {}
            if text := said.get("text") or said.get("display"):
                return str(text)
        return KINDS["message"].title(dict(self.first.body))

    @property
    def urgency(self) -> str:
        """The word of its urgency; empty when it asks nothing."""
        said = [str(one.body.get("urgency", "routine")) for one in self.asks or [self.first]]
        return min(said, key=_URGENT.index) if self.is_asking else ""

    @property
    def is_asking(self) -> bool:
        """Whether somebody has to answer it."""
        return bool(self.asks) or asks(self.first.body)

    def ask_of(self, agency: str) -> Entry | None:
        """What a team has to answer for; else the ask that has come least far."""
        mine = [one for one in self.asks if asked(one) == agency]
        return next(iter(mine or sorted(self.asks, key=lambda one: ORDER.index(state(one)))), None)

    def state_for(self, agency: str) -> str:
        """How far it has come, for the reader of an agency."""
        found = self.ask_of(agency)
        return state(found) if found else "sent"

    def needs(self, agency: str) -> bool:
        """Whether it needs somebody of this agency now: to acknowledge it, to answer, or to understand the answer."""
        mine = [one for one in self.asks if asked(one) == agency]
        if any(state(one) in (*OPEN, "acknowledged") for one in mine):
            return True
        return bool(self.not_understood(agency))

    def not_understood(self, agency: str) -> list[Entry]:
        """The messages of an agency whose answer it has not understood yet."""
        answer = self.answer
        if answer is None or all(state(one) == "closed" for one in self.asks):
            return []
        mine = [one for one in self.messages if one.agency == agency]
        return [one for one in mine if (moment(one.body.get("understood")) or 0) < answer.created]

    def is_open(self, now: int) -> bool:
        """Whether the loop is not closed; of what asks nothing: whether it is news."""
        if self.is_asking:
            return not self.asks or any(state(one) != "closed" for one in self.asks)
        return self.latest > now - NEWS


_URGENT = ("emergency", "urgent", "soon", "routine")


def asked(ask: Entry) -> str:
    """The id of the agency that an ask asks; empty when it names none."""
    to: Mapping[str, Any] = ask.body.get("to") or {}
    return str(to.get("reference", "")).removeprefix("Organization/")


def state(ask: Entry) -> str:
    """The word of how far it has come."""
    return str(ask.body["state"])


def due(ask: Entry) -> int | None:
    """Until when it must be acknowledged; None once it was."""
    return moment(ask.body.get("due")) if state(ask) in OPEN else None


def threads(known: Known) -> list[Thread]:
    """All threads that a reader sees, the oldest first."""
    made: dict[str, Thread] = {}
    messages = list(known.of("message"))
    heads = _heads(known)
    rest: list[Entry] = []
    for one in messages:
        head = heads.get(one.reference, one.reference)
        if _root(one, known) is not None:
            rest.append(one)
        elif head in made:
            made[head].messages.append(one)
        else:
            made[head] = Thread([one])
    for ask in known.of("ask"):
        if (thread := made.get(str(ask.body.get("focus")))) is not None:
            thread.asks.append(ask)
    for one in rest:
        root = _root(one, known) or ""
        thread = made.get(heads.get(root, root))
        if thread is None:
            made[one.reference] = Thread([one])
        elif one.agency == HOUSE:
            thread.notices.append(one)
        else:
            thread.replies.append(one)
    return list(made.values())


def found(known: Known, id_: str) -> Thread | None:
    """The thread in which a message stands."""
    return next((one for one in threads(known) if any(said.id == id_ for said in one.said)), None)


def in_order(all_: Sequence[Thread], agency: str) -> list[Thread]:
    """What needs the reader first, by its clock; then what others have to answer, by theirs; then the newest."""
    return sorted(all_, key=lambda one: _rank(one, agency))


def _rank(thread: Thread, agency: str) -> tuple[int, int, int]:
    ask = thread.ask_of(agency)
    until = due(ask) if ask else None
    group = 0 if thread.needs(agency) else 1 if until is not None else 2
    return group, until if until is not None else 2**62, -thread.latest


def _heads(known: Known) -> dict[str, str]:
    """By message, the one that began its thread; where that one is not seen, the first that is."""
    made: dict[str, str] = {}
    for ask in known.of("ask"):
        focus = str(ask.body.get("focus"))
        if known.at(focus) is not None:
            made |= dict.fromkeys(map(str, ask.body.get("messages", ())), focus)
    return made


def _root(message: Entry, known: Known) -> str | None:
    """The message that one replies to, or tells of, through replies to replies; None for what begins something."""
    steps = list(_upward(message, known))
    return steps[-1] if steps else None


def _upward(message: Entry, known: Known) -> Iterator[str]:
    at: Entry | None = message
    seen: set[str] = set()
    while at is not None and at.id not in seen:
        seen.add(at.id)
        above = at.body.get("in_reply_to") or _told_of(at)
        at = known.at(above) if above else None
        if at is not None:
            yield at.reference


def _told_of(message: Entry) -> str | None:
    topic = message.body.get("topic") or {}
    ours = message.agency == HOUSE and topic.get("system") == TOPIC_SYSTEM and topic.get("code") in TOPICS
    about = [one for one in message.body.get("about", ()) if str(one).startswith("Communication/")] if ours else []
    return str(about[0]) if about else None
