"""Subscription between R4 (with the backport's extensions, as it is stored) and R5.

Source: Subscriptions R5 Backport 1.1, StructureMap-free: its profile says where each R5 element stands in R4; what has
no place there travels in the cross-version extensions `extension-Subscription.*`. An R4 filter of several parameters
is several `filterBy` of R5.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from fhir_facade import exact
from fhir_facade.release import VersionName
from fhir_facade.subscriptions import CONTENT, FILTER, HEARTBEAT, MOST, TIMEOUT, extensions, filters_of, parted
from fhir_facade.systems import HL7, HL7_EXTENSION
from fhir_facade.validate import validate

Json = Any

_CHANNEL_TYPE = f"{HL7}/subscription-channel-type"
_CROSS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Subscription."
_ERROR = "http://hl7.org/fhir/4.0/StructureDefinition/extension-Subscription.error"
_ABSENT = {"extension": [{"url": f"{HL7_EXTENSION}/data-absent-reason", "valueCode": "unknown"}]}
_ALIKE = ("id", "meta", "implicitRules", "language", "text", "contained", "modifierExtension")
_SAME = ("status", "contact", "end", "reason")
_R5_ONLY = {"identifier": "valueIdentifier", "name": "valueString", "managingEntity": "valueReference"}
_NUMBERS = {"heartbeatPeriod": (HEARTBEAT, "valueUnsignedInt"), "timeout": (TIMEOUT, "valueUnsignedInt")} | {
    "maxCount": (MOST, "valuePositiveInt")
}


def taken(resource: Json, version: VersionName) -> dict[str, Json]:
    """A Subscription of a version as a valid R4 one. Raises a Problem with the faults that its definition finds."""
    validate(resource, "Subscription", version)
    made: dict[str, Json] = resource if version == "R4" else _from_r5(resource)
    if version != "R4" and made["channel"]["type"] == "rest-hook":
        validate(made, "Subscription")
    return made


def shown(resource: dict[str, Json], version: str) -> str:
    """A stored Subscription as a version writes it."""
    return exact.text(resource if version == "R4" else to_r5(resource))


def to_r5(resource: dict[str, Json]) -> dict[str, Json]:
    """The R5 form of a stored Subscription."""
    channel = resource["channel"]
    made = {"resourceType": "Subscription"} | {name: resource[name] for name in _ALIKE if name in resource}
    kept = [one for one in resource.get("extension", ()) if not str(one.get("url", "")).startswith(_CROSS)]
    if "error" in resource:
        kept.append({"url": _ERROR, "valueString": resource["error"]})
    if kept:
        made["extension"] = kept
    for name, value in _R5_ONLY.items():
        found = [one[value] for one in extensions(resource, _CROSS + name) if value in one]
        made |= _unless_empty(name, found) if name == "identifier" else _first(name, found)
    made |= {name: resource[name] for name in _SAME if name in resource}
    made["topic"] = resource["criteria"]
    made |= _unless_empty("filterBy", [one for text in filters_of(resource) for one in _filter_by(text)])
    made["channelType"] = {"system": _CHANNEL_TYPE, "code": channel["type"]}
    made["endpoint"] = channel["endpoint"]
    made |= _unless_empty("parameter", [_parameter(text) for text in channel.get("header", ())])
    for name, (url, value) in _NUMBERS.items():
        made |= _first(name, [one[value] for one in extensions(channel, url)])
    if "payload" in channel:
        made["contentType"] = channel["payload"]
    made |= _first("content", [one["valueCode"] for one in extensions(channel.get("_payload"), CONTENT)])
    return made


def _from_r5(resource: dict[str, Json]) -> dict[str, Json]:
    made = {"resourceType": "Subscription"} | {name: resource[name] for name in _ALIKE if name in resource}
    extension = [one for one in resource.get("extension", ()) if one.get("url") != _ERROR]
    for name, value in _R5_ONLY.items():
        said = resource.get(name, [])
        extension += [{"url": _CROSS + name, value: one} for one in (said if isinstance(said, list) else [said])]
    made |= _unless_empty("extension", extension)
    made |= {name: resource[name] for name in _SAME if name in resource}
    if "reason" not in resource:
        made["_reason"] = _ABSENT
    # A primitive that is required may be sent as an extension alone: then its value is empty, and is refused as that.
    made["criteria"] = resource.get("topic", "")
    filters = [{"url": FILTER, "valueString": _criterion(one)} for one in resource.get("filterBy", ())]
    if filters:
        made["_criteria"] = {"extension": filters}
    channel: dict[str, Json] = {"type": str(resource["channelType"].get("code", ""))}
    channel |= _unless_empty(
        "extension", [{"url": u, v: resource[name]} for name, (u, v) in _NUMBERS.items() if name in resource]
    )
    if "endpoint" in resource:
        channel["endpoint"] = resource["endpoint"]
    if "contentType" in resource:
        channel["payload"] = resource["contentType"]
    if "content" in resource:
        channel["_payload"] = {"extension": [{"url": CONTENT, "valueCode": resource["content"]}]}
    channel |= _unless_empty(
        "header", [f"{one.get('name', '')}: {one.get('value', '')}" for one in resource.get("parameter", ())]
    )
    return made | {"channel": channel}


def _unless_empty(name: str, listed: list[Json]) -> dict[str, Json]:
    return {name: listed} if listed else {}


def _first(name: str, listed: list[Json]) -> dict[str, Json]:
    return {name: listed[0]} if listed else {}


def _filter_by(text: str) -> Iterator[dict[str, Json]]:
    type_, pairs = parted(text)
    for name, value in pairs:
        whose = {"resourceType": type_} if type_ else {}
        plain, _, modifier = name.partition(":")
        yield {**whose, "filterParameter": plain} | ({"modifier": modifier} if modifier else {}) | {"value": value}


def _criterion(one: dict[str, Json]) -> str:
    """`Type?parameter:modifier=value`; a comparator stands before the value, as in any search."""
    type_ = str(one.get("resourceType", "")).rpartition("/")[2]
    modifier = f":{one['modifier']}" if "modifier" in one else ""
    comparator = one.get("comparator", "eq").removeprefix("eq")
    modifier += f":{comparator}" if comparator else ""
    name, value = one.get("filterParameter", ""), quote(one.get("value", ""), safe="/,|:")
    return f"{type_}{'?' if type_ else ''}{name}{modifier}={value}"


def _parameter(text: str) -> dict[str, Json]:
    name, _, value = text.partition(":")
    return {"name": name, "value": value.strip(" ")}
