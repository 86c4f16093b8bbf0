"""What webhooks tell of, and how long they are tried: event types, the schedule, and the terms of their secrets.

Source: Standard Webhooks 1.0.0 (event types, payload, retry schedule, handling of statuses, rotation of secrets).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from plan.kinds import FRAME_KINDS, KINDS
from plan.model import Change
from plan.problem import Fault, Trouble

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
DAY = 24 * HOUR
RETRIES: tuple[int, ...] = (
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""Milliseconds from one failed attempt to the next: the schedule of the specification, 75 hours 35 minutes in all."""
PAUSE = 5 * SECOND
"""How long an endpoint is left alone after it took something not, whatever else is due for it."""
LONGEST_WAIT = 24 * HOUR
"""The longest `Retry-After` that is believed."""
GIVEN_UP = 5 * DAY
"""A webhook that took nothing for so long is disabled: more than one message had its whole schedule."""
GRACE = DAY
"""How long the secret before goes on signing after a rotation."""
MOST_SECRETS = 5
"""How many secrets sign at once, at most: the one in force and those in their grace."""
TIMEOUT = 15
"""Seconds that an endpoint has for its answer."""

ACTIONS: Mapping[str, str] = {"create": "created", "update": "updated", "delete": "deleted"}
"""What a change did, and how an event type ends."""
NOUNS: tuple[str, ...] = (*KINDS, *FRAME_KINDS, "plan", "team", "record")
"""How an event type begins: the kinds of entry, and what a plan has beside them."""
ANY = "*"
TEST = "webhook.test"
"""The type of a test call, which is of nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What one webhook wants: `events` as words of `NOUNS` and `ACTIONS`, `kind.*` for all of a kind, `*` for all."""

    url: str
    events: frozenset[str]
    description: str = ""


def event_type(kind: str, action: str) -> str:
    """The type of the event that a change of an entry is: `message.created`."""
    return f"{kind}.{ACTIONS[action]}"


def concerns(events: frozenset[str], change: Change) -> bool:
    """Whether a change is an event of one of these types."""
    return not events.isdisjoint((ANY, f"{change.kind}.{ANY}", event_type(change.kind, change.action)))


def unknown(events: Iterable[str]) -> Iterator[Fault]:
    """What stands among event types and is none, each with its place."""
    for at, word in enumerate(events):
        noun, _, action = word.partition(".")
        if word == ANY or (noun in NOUNS and action in (ANY, *ACTIONS.values())):
            continue
        near = get_close_matches(noun, NOUNS, 1)
        said = near[0] if near else NOUNS[0]
        mend = f"An event type is KIND.created, .updated, .deleted or .*, as {said}.created; or * for everything."
        yield Fault(f"{word[:64]!r} is no event type", ("events", at), mend, Trouble.BAD_VALUE)
