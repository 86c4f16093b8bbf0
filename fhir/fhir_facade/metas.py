"""Labels of an entry: its tags, security labels and profiles as sets, added to and taken from.

Source: FHIR R4 resource-operations.html ($meta-add, $meta-delete): two labels are one when system and code are the
same, whatever version and display say; two profiles are one when they are spelled alike.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade.systems import HL7

Meta = dict[str, Any]
CONFIDENTIALITY = f"{HL7}/v3-Confidentiality"
_LISTS = ("profile", "security", "tag")
_ACT = f"{HL7}/v3-ActCode"
_CLOSING: frozenset[tuple[str, str]] = frozenset(
    {
        *((CONFIDENTIALITY, code) for code in ("R", "V")),
        *((_ACT, code) for code in ("BH", "MH", "PSY", "PSYTHPN", "COGN")),  # mental health
        *((_ACT, code) for code in ("SUD", "ETH", "ETHUD", "OPIOIDUD")),  # substance use
        *((_ACT, code) for code in ("SEX", "STD", "HIV", "SPI")),  # sexual health
        *((_ACT, code) for code in ("SDV", "VIO", "LOCIS")),  # abuse, violence, where a refuge is
        *((_ACT, code) for code in ("GDIS", "DVD")),  # what is inherited, and development
    }
)
"""The labels that close an entry to all but its author's agency: high confidentiality, and what HL7 DS4P (v3-ActCode,
InformationSensitivityPolicy) marks as sensitive.
"""
_HEIGHTS = "ULMNRV"
"""The codes of confidentiality, from the lowest on."""


def added(held: Mapping[str, Any], more: Mapping[str, Any]) -> Meta:
    """`held` with what it lacks of `more`."""
    made = dict(held)
    for name in _LISTS:
        known = {_key(one) for one in held.get(name, ())}
        fresh = {_key(one): one for one in more.get(name, ()) if _key(one) not in known}
        if fresh:
            made[name] = [*held.get(name, ()), *fresh.values()]
    return made


def taken(held: Mapping[str, Any], less: Mapping[str, Any]) -> Meta:
    """`held` without what `less` names."""
    made = dict(held)
    for name in _LISTS:
        gone = {_key(one) for one in less.get(name, ())}
        left = [one for one in held.get(name, ()) if _key(one) not in gone]
        made.pop(name, None)
        if left:
            made[name] = left
    return made


def opened(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a label of confidentiality or sensitivity was taken away."""
    return not (_guarding(before) <= _guarding(after))


def restricted(meta: Mapping[str, Any]) -> bool:
    """Whether a label closes the entry to all but its author's agency."""
    return bool(_labels(meta) & _CLOSING)


def lifted(meta: Mapping[str, Any]) -> Meta:
    """`meta` without the labels that close the entry."""
    return taken(meta, {"security": [{"system": system, "code": code} for system, code in sorted(_CLOSING)]})


def highest(metas: Iterable[Mapping[str, Any]]) -> Meta:
    """The meta of a whole that is made of parts: the highest of their confidentiality labels, when there is any.

    A part that is closed for what it is about is as high as R.
    """
    parts = list(metas)
    codes = {code for meta in parts for code in _confidential(meta) if code in _HEIGHTS}
    codes |= {"R" for meta in parts if restricted(meta)}
    if not codes:
        return {}
    return {"security": [{"system": CONFIDENTIALITY, "code": max(codes, key=_HEIGHTS.index)}]}


def summary(rows: Iterable[tuple[str, str, str]]) -> Meta:
    """A meta of labels in use, given as search parameter, system and code."""
    made: Meta = {}
    for param, system, code in rows:
        coding = {name: value for name, value in (("system", system), ("code", code)) if value}
        made.setdefault(param.removeprefix("_"), []).append(code if param == "_profile" else coding)
    return made


def _confidential(meta: Mapping[str, Any]) -> set[str]:
    return {code for system, code in _labels(meta) if system == CONFIDENTIALITY}


def _guarding(meta: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {label for label in _labels(meta) if label in _CLOSING or label[0] == CONFIDENTIALITY}


def _labels(meta: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The security labels; what is no coding is none."""
    said = meta.get("security")
    listed = said if isinstance(said, list) else ()
    return {(str(one.get("system", "")), str(one.get("code", ""))) for one in listed if isinstance(one, dict)}


def _key(one: Any) -> Any:
    return one if isinstance(one, str) else (one.get("system"), one.get("code"))
