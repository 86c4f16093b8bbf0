"""What rules take for the same: the words and codes of a concept, folded, and the short lists of what stands for one.

A word that is in no list is not guessed at. Sources stand beside each list.
"""

import re
from collections.abc import Mapping
from typing import Any

from plan.known import Entry

_FIELDS = {"need": "need", "instruction": "text", "medicine": "medicine", "prescription": "medicine"}
_PLAIN = re.compile(r"[^\w.%+/]+")


def fold(text: Any) -> str:
    """Lower case, single spaces, no punctuation."""
    return _PLAIN.sub(" ", str(text or "").lower()).strip()


def words(code: Any) -> str:
    """What people call a Coding, folded."""
    held = code or {}
    return fold(held.get("text") or held.get("display") or "")


def concept(entry: Entry) -> str:
    """What an entry is about, as one folded phrase: its code's words, or else its own title."""
    return words(entry.body.get("code")) or fold(entry.body.get(_FIELDS.get(entry.kind, "code")))


def key(code: Any) -> tuple[str, str] | None:
    """System and code, where both are there."""
    held = code or {}
    return (held["system"], held["code"]) if held.get("system") and held.get("code") else None


BED = frozenset(
    {
        "help to bed",
        "needs help to bed",
        "help into bed",
        "needs help into bed",
        "help to get to bed",
        "needs help to get to bed",
        "help to get into bed",
        "needs help to get into bed",
        "assistance to bed",
        "needs assistance to bed",
        "needs assistance to get into bed",
        "put to bed",
        "bedtime care",
    }
)
"""Needs somebody to get to bed. Source: docs/coordination.md, C4, and how plans say it."""

FOOD: Mapping[str, str] = {
    **dict.fromkeys(("regular", "regular diet", "normal", "normal diet", "iddsi 7", "level 7", "iddsi level 7"), "7"),
    **dict.fromkeys(("easy to chew", "regular easy to chew", "iddsi 7 easy to chew", "level 7 easy to chew"), "7 easy"),
    **dict.fromkeys(("soft bite sized", "soft and bite sized", "iddsi 6", "level 6", "iddsi level 6"), "6"),
    **dict.fromkeys(("minced moist", "minced and moist", "iddsi 5", "level 5", "iddsi level 5"), "5"),
    **dict.fromkeys(("pureed", "puree", "pureed diet", "iddsi 4", "level 4", "iddsi level 4"), "4"),
    **dict.fromkeys(("liquidised", "liquidised diet", "iddsi 3", "level 3", "iddsi level 3"), "3"),
}
"""Levels of food. Source: IDDSI Framework 2.0 (2019), levels 3 to 7."""
