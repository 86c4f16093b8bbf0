"""The part of a resource that people read: XHTML made from the native form, so that it never says more or less.

Source: https://hl7.org/fhir/R4/narrative.html. Paragraphs and a table only: no link, no picture, no style.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from html import escape
from typing import Any

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2) allows in no form at all."""
_NATIVE_WORD = re.compile(r"[a-z]+(_[a-z]+)+")

Rows = list[tuple[str, str]]


def narrative(title: str, rows: Rows) -> dict[str, str]:
    """FHIR `text`: `title` and a table of what is said of what."""
    lines = "".join(f"<tr><th>{_safe(name)}</th><td>{_safe(text)}</td></tr>" for name, text in rows)
    table = f"<table><tbody>{lines}</tbody></table>" if lines else ""
    return {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p><b>{_safe(title)}</b></p>{table}</div>',
    }


def of_body(title: str, body: Mapping[str, Any]) -> dict[str, str]:
    """FHIR `text` for any native body: names of fields in words, nested values in rows of their own."""
    named = ((_in_words(name).capitalize(), value) for name, value in body.items())
    return narrative(title, [row for name, value in named for row in _rows((name,), value)])


def _safe(text: str) -> str:
    return "<br/>".join(escape(_NOT_XML.sub("\ufffd", text)).splitlines())


def _rows(way: tuple[str, ...], value: Any) -> Iterator[tuple[str, str]]:
    said = _said(value)
    if said is not None:
        yield from [(": ".join(way), said)] if said else []
    elif isinstance(value, list):
        for number, member in enumerate(value, start=1):
            yield from _rows((*way[:-1], f"{way[-1]} {number}"), member)
    else:
        for name, member in value.items():
            yield from _rows((*way, _in_words(name)), member)


def _in_words(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str | None:
    """`value` in one cell; None when it needs rows of its own."""
    if isinstance(value, list):
        cells = [_said(member) for member in value]
        return "; ".join(filter(None, cells)) if None not in cells else None
    if isinstance(value, Mapping):
        return _phrase(value)
    if value is None or isinstance(value, bool):
        return {True: "Yes", False: "No", None: ""}[value]
    if isinstance(value, Decimal):
        return getattr(value, "text", format(value, "f"))
    said = str(value)
    return _in_words(said) if _NATIVE_WORD.fullmatch(said) else said


def _phrase(value: Mapping[str, Any]) -> str | None:
    names = frozenset(value)
    if not value or not all(isinstance(part, str | int | Decimal) for part in value.values()):
        return None
    return next((write(value) for shape, write in _PHRASES if names <= shape), None)


def _concept(value: Mapping[str, Any]) -> str:
    return str(value.get("text") or value.get("display") or value.get("code") or value.get("system"))


def _amount(value: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_said(value.get(part)) for part in ("value", "unit"))))


def _span(value: Mapping[str, Any]) -> str:
    ends = [f"{word} {value[end]}" for word, end in (("from", "start"), ("until", "end")) if end in value]
    return " ".join(ends)


def _party(value: Mapping[str, Any]) -> str:
    name = str(value.get("name") or value.get("reference") or "")
    further = ", ".join(str(value[part]) for part in ("role", "contact") if part in value)
    return f"{name} ({further})" if name and further else name or further


_PHRASES = (
    (frozenset({"text", "system", "code", "display"}), _concept),
    (frozenset({"reference", "name", "role", "contact"}), _party),
    (frozenset({"value", "unit"}), _amount),
    (frozenset({"start", "end"}), _span),
)
"""The shapes of several kinds (plan.kinds.types) that fit one cell: their members, and how they are written."""
