"""Scope words as the authorization server weighs them: which it knows, and which is no more than another.

SMART App Launch 2.2, "Scopes and Launch Context" (v1 and v2 words, `?category=`); OpenID Connect Core 5.4 and 11. What
a word lets an app do is decided where it is used (auth.scopes); here words only ever become fewer or smaller.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

PLAIN = (
    *("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"),
    *("offline_access", "online_access"),
)
"""Words that are no access to a type."""
CONTEXTS = ("patient", "user", "system")

_WORD = re.compile(
    r"(patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(?:(read|write|\*)|((?=[cruds])c?r?u?d?s?)(\?category=[!#-%'-\[\]-~]+)?)"
)
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}


class Access(NamedTuple):
    """A word taken apart; `only` is its constraint, as it was written."""

    context: str
    type: str
    verbs: frozenset[str]
    only: str


def access(word: str) -> Access | None:
    """What a word speaks of; None for a plain one and for one that is not known."""
    found = _WORD.fullmatch(word)
    if found is None:
        return None
    return Access(found[1], found[2], frozenset(_V1[found[3]] if found[3] else found[4]), found[5] or "")


def listed(said: str) -> tuple[str, ...]:
    """The words of a `scope` parameter, each once, in their order (RFC 6749 section 3.3)."""
    return tuple(dict.fromkeys(filter(None, said.split(" "))))


def known(word: str) -> bool:
    """Whether a word means anything here."""
    return word in PLAIN or access(word) is not None


def covers(wide: str, word: str) -> bool:
    """Whether `wide` gives all that `word` asks for."""
    if wide == word:
        return True
    more, less = access(wide), access(word)
    if more is None or less is None or more.context != less.context:
        return False
    return more.type in ("*", less.type) and less.verbs <= more.verbs and more.only in ("", less.only)


def within(asked: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """The words asked for that are known and no more than what is given."""
    wide = tuple(given)
    return tuple(word for word in asked if known(word) and any(covers(one, word) for one in wide))


def of(words: Iterable[str], *contexts: str) -> tuple[str, ...]:
    """The words that speak of these contexts."""
    found = ((word, access(word)) for word in words)
    return tuple(word for word, one in found if one is not None and one.context in contexts)


def about_patient(words: Iterable[str]) -> bool:
    """Whether the words need to know whose plan it is about."""
    listed_ = tuple(words)
    return "launch/patient" in listed_ or bool(of(listed_, "patient"))
