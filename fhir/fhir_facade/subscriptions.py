"""Subscription, in R4 and in R5, as what it wants: read, checked with a sentence for each fault.

Source: Subscriptions R5 Backport 1.1 (profile backport-subscription on R4 4.0.1) and R5 5.0.0 subscription.html. What
is stored is the R4 form; `subscription_versions` converts. Channel rest-hook alone is served; a notice carries ids at
most, so that everything else is read through the ordinary door.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fhir_facade.elements import resource_types
from fhir_facade.systems import own_topic
from plan.dates import date_range
from plan.model import Section
from plan.problem import Fault, Path, Problem, Trouble, refuse_if
from plan.subscription import EVENTS, FILTERS, TOPICS, Content, Filter, Standing, Wanted
from plan.subscription import TIMEOUT as SECONDS

Json = Any

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
FILTER = f"{BACKPORT}/backport-filter-criteria"
CONTENT = f"{BACKPORT}/backport-payload-content"
HEARTBEAT = f"{BACKPORT}/backport-heartbeat-period"
TIMEOUT = f"{BACKPORT}/backport-timeout"
MOST = f"{BACKPORT}/backport-max-count"
CHANNEL = f"{BACKPORT}/backport-channel-type"

HEADERS = frozenset({"authorization", "x-api-key", "x-auth-token"})
"""The names of headers that an endpoint may be given: what proves who we are, and nothing that steers HTTP."""
LEAST_HEARTBEAT, LONGEST_HEARTBEAT = 60, 30 * 86400
LONGEST_TIMEOUT = 60
MOST_EVENTS = 100
MOST_FILTERS, MOST_HEADERS, MOST_VALUES = 20, 5, 100
LONGEST_ENDPOINT = 1000
LONGEST_HEADER = 4000
_VISIBLE = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_ENDPOINT = re.compile(r"[\x21-\x7e]+")
_PAYLOADS = ("application/fhir+json", "application/json")
_BY_CANONICAL: Mapping[str, str] = {own_topic(name): name for name in TOPICS}
_ANY = frozenset({"", "Resource", "DomainResource"})
"""How a filter says that it is of every type."""

_WHERE: Mapping[str, Mapping[str, Path]] = {
    "R4": {
        "topic": ("criteria",),
        "filter": ("criteria", "extension"),
        "channel": ("channel", "type"),
        "endpoint": ("channel", "endpoint"),
        "header": ("channel", "header"),
        "payload": ("channel", "payload"),
        "content": ("channel", "payload", "extension"),
        "heartbeat": ("channel", "extension"),
        "timeout": ("channel", "extension"),
        "most": ("channel", "extension"),
    },
    "R5": {
        "topic": ("topic",),
        "filter": ("filterBy",),
        "channel": ("channelType",),
        "endpoint": ("endpoint",),
        "header": ("parameter",),
        "payload": ("contentType",),
        "content": ("content",),
        "heartbeat": ("heartbeatPeriod",),
        "timeout": ("timeout",),
        "most": ("maxCount",),
    },
}
"""Where each part stands in each version, for a fault."""

Found = Iterator[tuple[str, str, str, Trouble]]
"""Faults: part, what is wrong, how to mend it, which kind."""


def wanted(resource: dict[str, Json], version: str = "R4") -> Wanted:
    """What a valid R4 Subscription wants. Raises one Problem with every fault, placed as in the version that was sent.

    Where the endpoint leads and whether `end` is still to come is for the caller to ask.
    """
    faults = [
        Fault(what, _WHERE[version][part], mend, trouble)
        for part, what, mend, trouble in (*_topic(resource), *_channel(resource["channel"]), *_numbers(resource))
    ]
    refuse_if(faults, Trouble.BAD_VALUE)
    return plain(resource)


def plain(resource: dict[str, Json]) -> Wanted:
    """What an R4 Subscription that was checked wants."""
    channel = resource["channel"]
    span = date_range(str(resource.get("end", "")))
    return Wanted(
        topic=_BY_CANONICAL[resource["criteria"]],
        status=Standing(resource["status"]),
        endpoint=channel["endpoint"],
        filters=tuple(one for text in filters_of(resource) for one in _filters(text)),
        headers=tuple(header for text in channel.get("header", ()) if (header := _header(text))),
        content=_content(channel),
        heartbeat=_number(channel, HEARTBEAT, 0),
        timeout=_number(channel, TIMEOUT, SECONDS),
        most=min(_number(channel, MOST, EVENTS), MOST_EVENTS),
        end=span[1] if span else None,
    )


def extensions(value: Json, url: str) -> list[dict[str, Json]]:
    """The extensions of an element with this URL."""
    held = value.get("extension", ()) if isinstance(value, dict) else ()
    return [one for one in held if one.get("url") == url]


def filters_of(resource: dict[str, Json]) -> list[str]:
    """The filters, as `Type?parameter=value`."""
    return [str(one.get("valueString", "")) for one in extensions(resource.get("_criteria"), FILTER)]


def _content(channel: dict[str, Json]) -> Content:
    said = [one.get("valueCode") for one in extensions(channel.get("_payload"), CONTENT)]
    return "empty" if said == ["empty"] else "id-only"


def _number(channel: dict[str, Json], url: str, otherwise: int) -> int:
    said = [value for one in extensions(channel, url) for name, value in one.items() if name.startswith("value")]
    return int(said[0]) if said else otherwise


def _topic(resource: dict[str, Json]) -> Found:
    said = str(resource.get("criteria", ""))
    if said not in _BY_CANONICAL:
        listed = ", ".join(_BY_CANONICAL)
        what = "criteria is a search, and topics are subscribed to" if "?" in said else "there is no such topic here"
        yield "topic", what, f"Name one of {listed}.", Trouble.NOT_SUPPORTED
        return
    listed_filters = filters_of(resource)
    if len(listed_filters) > MOST_FILTERS:
        yield "filter", f"there are more than {MOST_FILTERS} filters", "Join values by commas.", Trouble.TOO_COSTLY
    for text in listed_filters[:MOST_FILTERS]:
        yield from _filter_faults(text, TOPICS[_BY_CANONICAL[said]].types)


def _filter_faults(text: str, types: frozenset[str]) -> Found:
    type_, pairs = parted(text)
    known = ", ".join(FILTERS)
    if type_ not in _ANY and (type_ not in resource_types() or (types and type_ not in types)):
        some = ", ".join(sorted(types)) or "an R4 type"
        yield "filter", f"the topic has no {type_[:64]!r}", f"Name {some}, or Resource for all.", Trouble.BAD_VALUE
    if not pairs:
        yield "filter", "a filter is written Type?parameter=value", f"Filter by {known}.", Trouble.BAD_VALUE
    for name, value in pairs:
        if name not in FILTERS:
            what = f"{name[:64]!r} is nothing to filter this topic by"
            yield "filter", what, f"Filter by {known}, without modifiers.", Trouble.NOT_SUPPORTED
        elif not 0 < len(_values(name, value)) <= MOST_VALUES:
            yield "filter", f"{name} has no value, or too many", "Join values by commas.", Trouble.BAD_VALUE
        elif name == "section" and not _values(name, value) <= set(Section):
            listed = ", ".join(Section)
            yield "filter", "there is no such section", f"The sections are {listed}.", Trouble.BAD_VALUE


def parted(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The type (empty for none) and the parameters of a filter."""
    type_, mark, rest = text.partition("?")
    if not mark:
        type_, rest = "", text
    return type_, parse_qsl(rest, keep_blank_values=True)


def _filters(text: str) -> Iterator[Filter]:
    type_, pairs = parted(text)
    for name, value in pairs:
        yield Filter(name, _values(name, value), "" if type_ in _ANY else type_)


def _values(name: str, value: str) -> frozenset[str]:
    """The alternatives; a person by the id alone, a section without its code system."""
    mark = {"patient": "/", "section": "|"}.get(name, "\n")
    return frozenset(one for part in value.split(",") if (one := part.strip().rpartition(mark)[2]))


def _channel(channel: dict[str, Json]) -> Found:
    if channel["type"] != "rest-hook" or extensions(channel.get("_type"), CHANNEL):
        yield "channel", "this channel is not served", "Use rest-hook.", Trouble.NOT_SUPPORTED
    wrong = _endpoint_fault(str(channel.get("endpoint", "")))
    if wrong:
        mend = "Send an https address without user, password and fragment."
        yield "endpoint", wrong, mend, Trouble.BAD_VALUE
    if channel.get("payload", _PAYLOADS[0]) not in _PAYLOADS:
        yield "payload", "notices are sent as JSON", f"Ask for {_PAYLOADS[0]}.", Trouble.NOT_SUPPORTED
    said = {one.get("valueCode") for one in extensions(channel.get("_payload"), CONTENT)}
    if said - {"empty", "id-only"}:
        mend = "Ask for id-only and read what changed through this door, where leave is asked."
        yield "content", "a notice carries no content of a plan", mend, Trouble.NOT_SUPPORTED
    yield from _header_faults(channel.get("header", ()))


def _endpoint_fault(text: str) -> str:
    if not _ENDPOINT.fullmatch(text) or len(text) > LONGEST_ENDPOINT:
        return "there is no endpoint, or it is no address"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return "the endpoint is no address"
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        return "the endpoint is no https address"
    if "@" in parts.netloc or "#" in text or "\\" in text:
        return "the endpoint names a user, a password or a fragment"
    return ""


def _header_faults(listed: list[str]) -> Found:
    if len(listed) > MOST_HEADERS:
        yield "header", f"there are more than {MOST_HEADERS} headers", "Send what proves who we are.", Trouble.BAD_VALUE
    for text in listed:
        if _header(text) is None:
            some = ", ".join(sorted(HEADERS))
            mend = f"Write `Name: value` on one line of ASCII, the name one of {some}."
            yield "header", "this header is not sent to endpoints", mend, Trouble.BAD_VALUE


def _header(text: str) -> tuple[str, str] | None:
    name, mark, value = text.partition(":")
    fits = bool(mark) and name.lower() in HEADERS and len(value) <= LONGEST_HEADER
    return (name.lower(), value.strip(" ")) if fits and _VISIBLE.fullmatch(value.strip(" ")) else None


_BOUNDS: Mapping[str, tuple[str, int, int, str]] = {
    "heartbeat": (HEARTBEAT, LEAST_HEARTBEAT, LONGEST_HEARTBEAT, "seconds"),
    "timeout": (TIMEOUT, 1, LONGEST_TIMEOUT, "seconds"),
    "most": (MOST, 1, 2**31 - 1, "events"),
}


def _numbers(resource: dict[str, Json]) -> Found:
    for part, (url, least, highest, unit) in _BOUNDS.items():
        for one in extensions(resource["channel"], url):
            said = next((value for name, value in one.items() if name.startswith("value")), None)
            if type(said) is not int or not least <= said <= highest:
                mend = f"Write {least} to {highest} {unit}, or leave it out."
                yield part, f"{part} is out of bounds", mend, Trouble.BAD_VALUE


def redacted(resource: dict[str, Json]) -> dict[str, Json]:
    """The Subscription as others than its owner see it: without the values of its headers."""
    channel = dict(resource["channel"])
    if "header" in channel:
        channel["header"] = [f"{text.partition(':')[0]}: ***" for text in channel["header"]]
    return {**resource, "channel": channel}


def unknown_status() -> Problem:
    """A status that no client may give a subscription."""
    what = "a subscription begins as requested"
    fault = Fault(what, ("status",), "Send requested; it becomes active after the handshake.")
    return Problem(Trouble.BAD_VALUE, "", (fault,))
