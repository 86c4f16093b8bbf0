"""What may be subscribed to, and what one subscription wants: topics, filters, and whether a change concerns it.

One row a topic; the FHIR door publishes the rows as SubscriptionTopic resources. A notice says that something changed
and where, never what it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from plan.model import PLAN_SECTIONS, Change, Section

EVERY = frozenset(Section)
Content = Literal["empty", "id-only"]
TIMEOUT = 15
"""Seconds that an endpoint has for its answer when nobody says."""
EVENTS = 50
"""Events in one notice, at most, when nobody says."""

FILTERS: Mapping[str, str] = {
    "patient": "The person whose plan changed: Patient/ID, or the id alone.",
    "section": "The section of the plan in which the change stands.",
    "type": "The FHIR type of what changed, as R4 names it.",
}
"""What events can be narrowed by, whatever the topic. Several filters must all hold; values joined by commas are
alternatives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One row. `types`: FHIR types (R4) whose changes belong to it, none for every type; `sections`: where."""

    name: str
    title: str
    description: str
    types: frozenset[str] = frozenset()
    sections: frozenset[Section] = EVERY


TOPICS: Mapping[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(name="plan-changed", title="Plan changed", description="Anything in a person's plan was changed."),
        Topic(
            name="section-changed",
            title="Section changed",
            description="An entry of one of the plan's sections was written, changed or taken away.",
            sections=frozenset(PLAN_SECTIONS),
        ),
        Topic(
            name="team-changed",
            title="Team changed",
            description="Somebody joined or left the team, or their part in it changed.",
            types=frozenset({"CareTeam"}),
        ),
        Topic(
            name="task-changed",
            title="Task changed",
            description="A task was assigned, moved on, done or called off.",
            types=frozenset({"Task"}),
        ),
        Topic(
            name="discharge-changed",
            title="Discharge changed",
            description="A stay began or ended, or its planned discharge changed.",
            types=frozenset({"Encounter", "EpisodeOfCare"}),
        ),
        Topic(
            name="flag-changed",
            title="Flag changed",
            description="A warning about the person was raised, changed or lifted.",
            types=frozenset({"Flag"}),
        ),
    )
}


class Standing(StrEnum):
    """Where a subscription stands, in the words of both versions of FHIR."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Filter:
    """One narrowing. `type`: only of changes of this FHIR type (R4), empty for all."""

    name: str
    values: frozenset[str]
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One subscription, whatever version of FHIR it was written in.

    `heartbeat` and `timeout` in seconds, `heartbeat` 0 for none; `most`: events in one notice; `end` in milliseconds
    since 1970 UTC. `headers` may hold secrets: they go to the endpoint and nowhere else.
    """

    topic: str
    status: Standing
    endpoint: str
    filters: tuple[Filter, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content: Content = "id-only"
    heartbeat: int = 0
    timeout: int = TIMEOUT
    most: int = EVENTS
    end: int | None = None

    @property
    def channel(self) -> tuple[object, ...]:
        """What a handshake has proved; when it changes another handshake is due."""
        return self.endpoint, self.headers


def concerns(wanted: Wanted, change: Change) -> bool:
    """Whether a change is an event of the topic that passes the filters.

    Filters without a type hold for every event. When some name a type, only events of the types that are named pass,
    each by the filters of its own type.
    """
    topic = TOPICS[wanted.topic]
    if (topic.types and change.type not in topic.types) or change.section not in topic.sections:
        return False
    named = {one.type for one in wanted.filters} - {""}
    if named and change.type not in named:
        return False
    said = {"patient": change.person, "section": change.section.value, "type": change.type}
    return all(said[one.name] in one.values for one in wanted.filters if one.type in ("", change.type))
