"""What rules take for the same: the words and codes of a concept, folded, and the short lists of what stands for one.

A word that is in no list is not guessed at. Sources stand beside each list.
"""

import re
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
