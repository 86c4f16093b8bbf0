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
_RESTRICTED = frozenset({"R", "V"})
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
    """Whether a confidentiality label was taken away."""
    return not _confidential(before) <= _confidential(after)


def restricted(meta: Mapping[str, Any]) -> bool:
    """Whether a label closes the entry to all but its author's agency."""
    return bool(_confidential(meta) & _RESTRICTED)


def lifted(meta: Mapping[str, Any]) -> Meta:
    """`meta` without the labels that close the entry."""
    codes = [{"system": CONFIDENTIALITY, "code": code} for code in sorted(_RESTRICTED)]
    return taken(meta, {"security": codes})


def highest(metas: Iterable[Mapping[str, Any]]) -> Meta:
    """The meta of a whole that is made of parts: the highest of their confidentiality labels, when there is any."""
    codes = {code for meta in metas for code in _confidential(meta) if code in _HEIGHTS}
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
    return {str(one.get("code", "")) for one in meta.get("security", ()) if one.get("system") == CONFIDENTIALITY}


def _key(one: Any) -> Any:
    return one if isinstance(one, str) else (one.get("system"), one.get("code"))
