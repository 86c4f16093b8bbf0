"""SMART App Launch scope words, v1 and v2, as what an app may do: verbs by FHIR type.

Specification: SMART App Launch 2.2, "Scopes and Launch Context"; RFC 6749 section 3.3 (words are parted by spaces and
nothing else). Empty means no, unknown means no: a word that is not understood, and a granular scope
(`?category=...`) as long as its constraint is not enforced, grants nothing.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType

VERBS = "cruds"
"""create, read, update, delete, search: the order in which SMART v2 writes them."""

CONTEXTS = frozenset({"patient", "user", "system"})
"""Whom a word speaks of: the patient in context, everybody the user may see, everybody the system may see."""

_WORD = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|(?=.)c?r?u?d?s?)")
_V1: Mapping[str, str] = {"read": "rs", "write": "cud", "*": VERBS}


@dataclass(frozen=True, slots=True)
class Scopes:
    """The verbs that a token allows, by FHIR type; `*` stands for every type.

    `words` are the words as granted, for the audit and for introspection. Verbs say what the app may do, never for
    whom: a `patient/` word counts only for a caller who is bound to one person anyway (`parse`, contexts).
    """

    verbs: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    words: tuple[str, ...] = ()

    def allow(self, verb: str, type_: str) -> bool:
        """Whether `verb` (one of c, r, u, d, s) is allowed on `type_`."""
        return verb in self.verbs.get(type_, ()) or verb in self.verbs.get("*", ())


def parse(words: str | Iterable[str], contexts: AbstractSet[str] = CONTEXTS) -> Scopes:
    """Scopes from the `scope` claim: a string of words parted by spaces, or a list of words.

    Words of another context than `contexts` grant nothing.
    """
    listed = tuple(filter(None, words.split(" "))) if isinstance(words, str) else tuple(words)
    verbs: dict[str, set[str]] = {}
    for word in listed:
        found = _WORD.fullmatch(word)
        if found and found[1] in contexts:
            verbs.setdefault(found[2], set()).update(_V1.get(found[3], found[3]))
    return Scopes(MappingProxyType({type_: frozenset(v) for type_, v in verbs.items()}), listed)
