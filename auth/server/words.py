"""Scope words as the authorization server weighs them: which it knows, and which is no more than another.

SMART App Launch 2.2, "Scopes and Launch Context" (v1 and v2 words, `?category=`); OpenID Connect Core 5.4 and 11. What
a word lets an app do is decided where it is used (auth.scopes); here words only ever become fewer or smaller.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from auth.scopes import parse
from plan.query import Token

PLAIN = (
    *("openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter"),
    *("offline_access", "online_access"),
)
"""Words that are no access to a type."""
_CHARACTERS = re.compile(r"[!#-\[\]-~]+")
"""Of which a word consists (RFC 6749 section 3.3)."""


class Access(NamedTuple):
    """A word taken apart. `within`: its constraints, as auth.scopes reads them."""

    context: str
    type: str
    verbs: frozenset[str]
    within: tuple[frozenset[Token], ...]


def access(word: str) -> Access | None:
    """What a word speaks of; None for a plain one and for one that is not known."""
    grants = parse((word,)).grants if _CHARACTERS.fullmatch(word) else ()
    if not grants or not grants[0].verbs:
        return None
    return Access(word.partition("/")[0], grants[0].type, grants[0].verbs, grants[0].within)


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
    closer = all(any(fewer <= any_of for fewer in less.within) for any_of in more.within)
    return more.type in ("*", less.type) and less.verbs <= more.verbs and closer


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
