"""Notices: what an endpoint is sent, and what $status and $events answer, in R4 and in R5.

Source: Subscriptions R5 Backport 1.1 (R4: a history Bundle that begins with Parameters, profile
backport-subscription-status-r4) and R5 5.0.0 subscriptionstatus.html (a subscription-notification Bundle that begins
with a SubscriptionStatus). A notice carries ids at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.systems import own_topic
from fhir_facade.versions import Version
from plan.subscription import Content, Standing

Json = Any
Kind = Literal["handshake", "heartbeat", "event-notification", "query-status", "query-event"]

STATUS_R4 = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-subscription-status-r4"
_METHODS = {"create": ("POST", "201"), "delete": ("DELETE", "204")}
_CHANGED = ("PUT", "200")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of a subscription. `type` is the R4 type of what changed, empty when its reader may not see it now."""

    number: int
    at: int
    type: str = ""
    id: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Of which subscription something is told, and where it stands. `events`: how many were sent since it began."""

    base: str
    id: str
    topic: str
    status: Standing
    events: int
    error: str = ""


def notice(version: Version, sender: Sender, kind: Kind, at: int, id_: str, events: Sequence[Event] = ()) -> bytes:
    """A notification Bundle. `id_`: a fresh UUID for the status in it; `at`: now, in milliseconds since 1970 UTC."""
    status = _status(version, sender, kind, id_, events)
    type_ = "history" if version.name == "R4" else "subscription-notification"
    first: dict[str, Json] = {"fullUrl": f"urn:uuid:{id_}", "resource": status}
    if version.name == "R4":
        first["request"] = {"method": "GET", "url": f"{sender.base}/Subscription/{sender.id}/$status"}
        first["response"] = {"status": "200"}
    # A history of R4 may tell of a created resource only with its content: there ids stand in the status alone.
    seen = {} if version.name == "R4" else _entries(version, sender, events)
    entries = [first, *seen.values()]
    bundle = {"resourceType": "Bundle", "type": type_, "timestamp": moment(at), "entry": entries}
    return exact.dumps(bundle)


def _entries(version: Version, sender: Sender, events: Sequence[Event]) -> dict[str, Json]:
    """The addresses of what changed, each once."""
    seen: dict[str, Json] = {}
    for event in events:
        focus = _focus(version, event)
        if focus:
            method, came = _METHODS.get(event.action, _CHANGED)
            url = focus.partition("/")[0] if method == "POST" else focus
            told = {"request": {"method": method, "url": url}, "response": {"status": came}}
            seen[focus] = {"fullUrl": f"{sender.base}/{focus}"} | told
    return seen


def hushed(events: Iterable[Event], content: Content) -> list[Event]:
    """The events as far as this content tells of them: `empty` says that something happened, and no more."""
    return [Event(number=one.number, at=one.at) if content == "empty" else one for one in events]


def statuses(version: Version, senders: Sequence[tuple[Sender, str]], address: str) -> bytes:
    """What $status answers: a searchset of one status for each subscription, each with a fresh UUID."""
    found = [(id_, _status(version, sender, "query-status", id_, ())) for sender, id_ in senders]
    return searchset([(f"urn:uuid:{id_}", status) for id_, status in found], len(found), address, "")


def searchset(found: Sequence[tuple[str, Json]], total: int, self_: str, next_: str) -> bytes:
    """A searchset of resources that stand under these addresses."""
    links = [{"relation": "self", "url": self_}] + ([{"relation": "next", "url": next_}] if next_ else [])
    bundle: dict[str, Json] = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    entries = [{"fullUrl": url, "resource": one, "search": {"mode": "match"}} for url, one in found]
    return exact.dumps(bundle | ({"entry": entries} if entries else {}))


def _focus(version: Version, event: Event) -> str:
    type_ = version.shown_type(event.type) if event.type else None
    return f"{type_}/{event.id}" if type_ else ""


def _status(version: Version, sender: Sender, kind: Kind, id_: str, events: Sequence[Event]) -> Json:
    return (_r4 if version.name == "R4" else _r5)(version, sender, kind, id_, events)


def _r4(version: Version, sender: Sender, kind: Kind, id_: str, events: Sequence[Event]) -> Json:
    said: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": f"{sender.base}/Subscription/{sender.id}"}},
        {"name": "topic", "valueCanonical": own_topic(sender.topic)},
        {"name": "status", "valueCode": sender.status.value},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(sender.events)},
    ]
    for event in events:
        parts: list[Json] = [
            {"name": "event-number", "valueString": str(event.number)},
            {"name": "timestamp", "valueInstant": moment(event.at)},
        ]
        focus = _focus(version, event)
        if focus:
            parts.append({"name": "focus", "valueReference": {"reference": f"{sender.base}/{focus}"}})
        said.append({"name": "notification-event", "part": parts})
    if sender.error:
        said.append({"name": "error", "valueCodeableConcept": {"text": sender.error}})
    return {"resourceType": "Parameters", "id": id_, "meta": {"profile": [STATUS_R4]}, "parameter": said}


def _r5(version: Version, sender: Sender, kind: Kind, id_: str, events: Sequence[Event]) -> Json:
    told: list[Json] = []
    for event in events:
        focus = _focus(version, event)
        where = {"focus": {"reference": f"{sender.base}/{focus}"}} if focus else {}
        # integer64 is a string in JSON (R5 json.html).
        told.append({"eventNumber": str(event.number), "timestamp": moment(event.at), **where})
    return {
        "resourceType": "SubscriptionStatus",
        "id": id_,
        "status": sender.status.value,
        "type": kind,
        "eventsSinceSubscriptionStart": str(sender.events),
        **({"notificationEvent": told} if told else {}),
        "subscription": {"reference": f"{sender.base}/Subscription/{sender.id}"},
        "topic": own_topic(sender.topic),
        **({"error": [{"text": sender.error}]} if sender.error else {}),
    }
