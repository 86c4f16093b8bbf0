"""SMART App Launch scope words, v1 and v2, as what an app may do: verbs by FHIR type.

Specification: SMART App Launch 2.2, "Scopes and Launch Context"; RFC 6749 section 3.3 (words are parted by spaces and
nothing else). Empty means no, unknown means no: a word that is not understood, and a granular scope
(`?category=...`) as long as its constraint is not enforced, grants nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

VERBS = "cruds"
"""create, read, update, delete, search: the order in which SMART v2 writes them."""

_WORD = re.compile(r"(?:patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|(?=.)c?r?u?d?s?)")
_V1: Mapping[str, str] = {"read": "rs", "write": "cud", "*": VERBS}


@dataclass(frozen=True, slots=True)
class Scopes:
    """The verbs that a token allows, by FHIR type; `*` stands for every type.

    `words` are the words as granted, for the audit and for introspection. Whose plan a `patient/` or `user/` word is
    about is not told by `verbs`: they say what the app may do, never for whom.
    """

    verbs: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    words: tuple[str, ...] = ()

    def allow(self, verb: str, type_: str) -> bool:
        """Whether `verb` (one of c, r, u, d, s) is allowed on `type_`."""
        return verb in self.verbs.get(type_, ()) or verb in self.verbs.get("*", ())


def parse(words: str | Iterable[str]) -> Scopes:
    """Scopes from the `scope` claim: a string of words parted by spaces, or a list of words."""
    listed = tuple(filter(None, words.split(" "))) if isinstance(words, str) else tuple(words)
    verbs: dict[str, set[str]] = {}
    for word in listed:
        found = _WORD.fullmatch(word)
        if found:
            verbs.setdefault(found[1], set()).update(_V1.get(found[2], found[2]))
    return Scopes(MappingProxyType({type_: frozenset(v) for type_, v in verbs.items()}), listed)
