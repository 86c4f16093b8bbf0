"""A letter: what is sent to one subscription, by whatever channel, and what the worker needs to do with the answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.feed_hook import FHIR
from db.feed import FeedRows, Heard, Job
from db.subscriptions import Subscribed
from fhir_facade.notices import Kind

if TYPE_CHECKING:
    from api.feed import Feed
    from api.feed_hook import Reply

LOOKED_AT = 200
"""How much of what waits is asked leave for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice that is ready to go, and the subscription as it was when it was written. `timeout` in seconds."""

    one: Subscribed
    heard: tuple[Heard, ...]
    endpoint: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    timeout: int
    kind: Kind = "event-notification"
    media: str = FHIR


@dataclass(frozen=True, slots=True)
class Channel:
    """How subscriptions of one channel are told: what is next, and what an answer means.

    `written` gives numbers, leaves the audit and makes the letter, or says when the job is due again; `settled` takes
    the subscription as it is when the answer is there. Both work inside one transaction, which holds the job.
    """

    written: Callable[["Feed", FeedRows, Job, Subscribed], Awaitable[Letter | None]]
    settled: Callable[[FeedRows, Job, Letter, Subscribed, "Reply"], Awaitable[None]]
