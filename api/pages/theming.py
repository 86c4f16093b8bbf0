"""Dark colours for the NHS frontend, which has light ones only: its fixed colours become names that we may redefine.

A colour that is drawn on the page's own ground (text, lines, white and grey surfaces) becomes
`var(--ink-212b32, #212b32)` and the like; without a definition it is what it was. What brings a ground of its own (a
button, a tag, what has the focus) keeps its colours, which go together. The dark values are in care/static/base.css.
"""

import re
from typing import Final

GROUNDS: Final = frozenset({"#fff", "#f0f4f5", "#d8dde0", "#e0e4e6", "#fff9c4", "#d9e7f4"})
"""Surfaces that have a dark form of their own."""
INKS: Final = frozenset(
    {"#212b32", "#4c6272", "#005eb8", "#330072", "#7c2855", "#002f5c", "#d5281b", "#007f3b", "#003087", "#768692"}
)
LINES: Final = frozenset(
    {"#212b32", "#4c6272", "#d8dde0", "#aeb7bd", "#768692", "#f0f4f5", "#005eb8", "#d5281b", "#fff"}
)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_COLOUR = re.compile(r"#[0-9a-f]{3,6}\b")
_INK = re.compile(r"(?:color|fill|stroke|text-decoration-color)\Z")
_MOMENT = re.compile(r"(?<!not\():(?:focus|active)\b")
"""What a rule is for that holds only while something has the focus, or is pressed."""
_LINE = re.compile(r"(?:border|outline|box-shadow)")


def themed(css: str) -> str:
    """The styles with names for the colours that a dark theme changes."""
    return _RULE.sub(_rule, css)


def _rule(found: re.Match[str]) -> str:
    selector, body = found[1], found[2]
    grounds = {one for part in body.split(";") if part.startswith("background") for one in _COLOUR.findall(part)}
    if not grounds <= GROUNDS or "--nhsuk-" in body or all(_MOMENT.search(one) for one in selector.split(",")):
        return found[0]
    return f"{selector}{{{';'.join(map(_declared, body.split(';')))}}}"


def _declared(part: str) -> str:
    name, colon, value = part.partition(":")
    word, known = _use(name)
    if not colon or not word:
        return part
    return f"{name}:{_COLOUR.sub(lambda one: _named(word, one[0]) if one[0] in known else one[0], value)}"


def _use(name: str) -> tuple[str, frozenset[str]]:
    if name.startswith("background"):
        return "ground", GROUNDS
    if _INK.match(name):
        return "ink", INKS
    return ("line", LINES) if _LINE.match(name) else ("", frozenset())


def _named(word: str, colour: str) -> str:
    return f"var(--{word}-{colour[1:]},{colour})"
