"""Words that stand for a thing, looked for in what people call an entry: a boiler, a walk, an interpreter.

Titles and single lines are read, never prose: a phrase counts as whole words, and not in a clause that says no. What a
table does not hold is not guessed at.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

_ENDS = re.compile(r"[.,;!?\n]|\bbut\b")
_STEPS = re.compile(r"[.,;!?\n]")
_NO = re.compile(
    r"\b(?:no|not|never|without|nor|none|refus\w*|declin\w*|stopp\w*|n't|doesn't|don't|isn't|cancel\w*|avoid\w*)\b"
)


def clauses(text: object) -> list[str]:
    """The clauses of a text, in small letters, each without what surrounds it."""
    folded = re.sub(r"\s+", " ", str(text).lower().replace("\u2019", "'"))
    return [clause.strip(" '\"-") for clause in _ENDS.split(folded) if clause.strip(" '\"-")]


def steps(text: object) -> list[str]:
    """The sentences and parts of sentences of a text; a `but` belongs to what it follows."""
    return [step.strip() for step in _STEPS.split(str(text)) if step.strip()]


def core(text: object, about: Iterable[str]) -> str:
    """The words of a line in small letters, without those that stand about what it says."""
    return " ".join(word for word in re.findall(r"[^\W_]+", str(text).lower()) if word not in set(about))


def said(text: object, phrases: Iterable[str]) -> bool:
    """Whether a clause that says no "no" names one of the phrases."""
    sought = _pattern(tuple(phrases))
    return any(sought.search(clause) and not _NO.search(clause) for clause in clauses(text))


@cache
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")\b")


def words(coding: Any) -> str:
    """What people call a concept: its text, or else its display."""
    return str(coding.get("text") or coding.get("display") or "") if isinstance(coding, dict) else ""


def coded(coding: Any, system: str, codes: Iterable[str]) -> bool:
    """Whether a concept is one of these codes of a system."""
    return isinstance(coding, dict) and coding.get("system") == system and coding.get("code") in set(codes)
