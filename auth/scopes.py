"""SMART App Launch scope words, v1 and v2, as what an app may do: grants of verbs on a FHIR type.

Specification: SMART App Launch 2.2, "Scopes and Launch Context"; RFC 6749 section 3.3 (words are parted by spaces and
nothing else); FHIR R4 search.html 3.1.1.4.9 and 3.1.1.5 (token values, any and all). Empty means no, unknown means no:
a word that is not understood grants nothing, and one constraint that is not understood makes its word so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from urllib.parse import quote, unquote

from plan.query import Token

VERBS = "cruds"
"""create, read, update, delete, search: the order in which SMART v2 writes them."""
LOOKING = frozenset("rs")

_DIRECTORY = {"Endpoint", "HealthcareService", "Location", "Medication", "Organization", "Practitioner"}
OF_NOBODY = frozenset({*_DIRECTORY, "PractitionerRole", "Substance", "Subscription", "*"})
"""What stands in no plan, or says nothing of which entry is meant: no constraint can hold of it."""

Said = frozenset[tuple[str, str]]
"""The categories that an entry says: system (empty for none) and code."""
Verbs = Mapping[str, frozenset[str]]

_WORD = re.compile(r"(patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|(?=.)c?r?u?d?s?)(?:\?(.*))?")
_V1: Mapping[str, str] = {"read": "rs", "write": "cud", "*": VERBS}
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2}|[^%+])+")
_TOKEN = re.compile(r"(?:([^|\\$,]*)(\|))?([^|\\$,]*)")
_SAFE = ":/.-_~"


@dataclass(frozen=True, slots=True)
class Grant:
    """Verbs on one FHIR type, or on all for `*` `but` some.

    `bound`: in the plan of the patient of the launch alone. `within`: on entries that have one of each of these
    categories alone.
    """

    type: str
    verbs: frozenset[str]
    bound: bool = False
    within: tuple[frozenset[Token], ...] = ()
    but: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether it holds wherever the type does."""
        return not (self.bound or self.within or self.but)

    def speaks_of(self, type_: str) -> bool:
        """Whether it is about this type."""
        return self.type in (type_, "*") and type_ not in self.but and not (self.within and type_ in OF_NOBODY)

    def covers(self, said: Said) -> bool:
        """Whether an entry with these categories is within it."""
        return all(any(_is(token, *pair) for token in any_of for pair in said) for any_of in self.within)

    @property
    def word(self) -> str:
        """The grant as a SMART word, which reads as this grant again."""
        verbs = "".join(verb for verb in VERBS if verb in self.verbs)
        all_of = "&".join(f"category={','.join(sorted(map(_written, any_of)))}" for any_of in self.within)
        return f"{'patient' if self.bound else 'system'}/{self.type}.{verbs}{'?' if all_of else ''}{all_of}"


@dataclass(frozen=True)
class Scopes:
    """What a token allows. `words` are the words as granted, for the audit and for introspection."""

    grants: tuple[Grant, ...] = ()
    words: tuple[str, ...] = field(default=())

    def allow(self, verb: str, type_: str) -> bool:
        """Whether `verb` (one of c, r, u, d, s) is allowed on anything at all of `type_`."""
        held = self.whole if type_ in OF_NOBODY else self.verbs
        return verb in held.get(type_, ()) or verb in held.get("*", ())

    def freely(self, verb: str, type_: str) -> bool:
        """Whether `verb` is allowed on all of `type_`, whosever it is and whatever it says."""
        return any(grant.plain and verb in grant.verbs and grant.speaks_of(type_) for grant in self.grants)

    def cover(self, verbs: Iterable[str], type_: str, said: Said) -> bool:
        """Whether one of `verbs` is allowed on an entry of `type_` that has these categories."""
        wanted = set(verbs)
        return any(wanted & one.verbs and one.speaks_of(type_) and one.covers(said) for one in self.grants)

    @cached_property
    def plain(self) -> bool:
        """Whether every grant holds wherever its type does."""
        return all(grant.plain for grant in self.grants)

    @cached_property
    def verbs(self) -> Verbs:
        """The verbs that are allowed on anything of a type; `*` stands for every type."""
        return _verbs(self.grants)

    @cached_property
    def whole(self) -> Verbs:
        """The same without what holds of some categories only."""
        return _verbs(grant for grant in self.grants if not grant.within)

    @cached_property
    def types(self) -> frozenset[str] | None:
        """The types of which anything may be looked at; None: every type."""
        return _looked_at(self.verbs)

    @cached_property
    def listed(self) -> frozenset[str] | None:
        """The types that may be looked at whatever an entry says; None: every type."""
        return _looked_at(self.whole)

    @cached_property
    def looking(self) -> tuple[tuple[Grant, frozenset[str]], ...]:
        """What may be looked at: each bound and constraint once, with all of the types that it is said of."""
        alike: dict[Grant, set[str]] = {}
        for grant in _looking(self.grants):
            alike.setdefault(replace(grant, type=""), set()).add(grant.type)
        return tuple((grant, frozenset(types)) for grant, types in alike.items())

    @cached_property
    def bound(self) -> bool:
        """Whether they speak of the plan of the patient of the launch, and of no other."""
        of_plans = [grant for grant in self.grants if grant.type not in OF_NOBODY - {"*"}]
        return bool(of_plans) and all(grant.bound for grant in of_plans)

    def without_patient(self) -> "Scopes":
        """What is left where no patient is in context."""
        if not any(grant.bound for grant in self.grants):
            return self
        return replace(self, grants=tuple(grant for grant in self.grants if not grant.bound))

    def of_patient(self) -> "Scopes":
        """The same for somebody who sees no other plan anyway."""
        if not any(grant.bound for grant in self.grants):
            return self
        return replace(self, grants=_merged(replace(grant, bound=False) for grant in self.grants))

    def aimed(self, verb: str, types: frozenset[str]) -> "Scopes":
        """For a question that needs `verb` on `types`: of these what it allows, of all others what may be looked at."""
        return replace(self, grants=tuple(_aimed(self.grants, verb, types)))


def parse(words: str | Iterable[str]) -> Scopes:
    """Scopes from the `scope` claim: a string of words parted by spaces, or a list of words."""
    listed = tuple(filter(None, words.split(" "))) if isinstance(words, str) else tuple(words)
    return Scopes(_merged(grant for grant in map(_grant, listed) if grant), listed)


def _grant(word: str) -> Grant | None:
    found = _WORD.fullmatch(word)
    if found is None:
        return None
    context, type_, verbs, constraint = found.groups()
    if constraint is not None and verbs in _V1:
        return None
    within = () if constraint is None else _within(constraint)
    if within is None:
        return None
    return Grant(type_, frozenset(_V1.get(verbs, verbs)), context == "patient", within)


def _within(text: str) -> tuple[frozenset[Token], ...] | None:
    """All of the constraints: parts of a query that name `category`, each with some values; None for anything else."""
    all_of: set[frozenset[Token]] = set()
    for part in text.split("&"):
        name, _, values = part.partition("=")
        any_of = _any_of(values) if name == "category" else None
        if not any_of:
            return None
        all_of.add(any_of)
    return tuple(sorted(all_of, key=lambda any_of: sorted(map(_written, any_of))))


def _any_of(text: str) -> frozenset[Token] | None:
    try:
        said = unquote(text, errors="strict") if _ENCODED.fullmatch(text) else ""
    except UnicodeDecodeError:
        return None
    tokens = [_token(piece) for piece in said.split(",")]
    return frozenset(token for token in tokens if token) if all(tokens) else None


def _token(text: str) -> Token | None:
    """`code`, `system|code`, `|code` or `system|`."""
    found = _TOKEN.fullmatch(text)
    if found is None or not text.isprintable() or any(part != part.strip() for part in text.split("|")):
        return None
    system, bar, code = found.groups()
    if not system and not code:
        return None
    return Token(code or None, system if bar else None)


def _written(token: Token) -> str:
    code = quote(token.code or "", _SAFE)
    return code if token.system is None else f"{quote(token.system, _SAFE)}|{code}"


def _is(token: Token, system: str, code: str) -> bool:
    return token.system in (None, system) and token.code in (None, code)


def _merged(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """Each type, context and constraint once, with all of its verbs."""
    found: dict[Grant, frozenset[str]] = {}
    for grant in grants:
        key = replace(grant, verbs=frozenset())
        found[key] = found.get(key, frozenset()) | grant.verbs
    return tuple(replace(key, verbs=verbs) for key, verbs in found.items())


def _verbs(grants: Iterable[Grant]) -> Verbs:
    found: dict[str, frozenset[str]] = {}
    for grant in grants:
        found[grant.type] = found.get(grant.type, frozenset()) | grant.verbs
    return MappingProxyType(found)


def _looked_at(verbs: Verbs) -> frozenset[str] | None:
    if verbs.get("*", frozenset()) & LOOKING:
        return None
    return frozenset(type_ for type_, allowed in verbs.items() if allowed & LOOKING)


def _looking(grants: Iterable[Grant]) -> Iterable[Grant]:
    """The grants to read or search. Words with one constraint each are one word with a wider one: less to be asked."""
    wider: dict[Grant, frozenset[Token]] = {}
    for grant in grants:
        if grant.verbs & LOOKING:
            key = replace(grant, verbs=LOOKING, within=grant.within[1:])
            if len(grant.within) == 1:
                wider[key] = wider.get(key, frozenset()) | grant.within[0]
            else:
                yield replace(grant, verbs=LOOKING)
    yield from (replace(key, within=(any_of,)) for key, any_of in wider.items())


def _aimed(grants: Iterable[Grant], verb: str, types: frozenset[str]) -> Iterable[Grant]:
    for grant in grants:
        if verb in grant.verbs:
            yield grant
        elif grant.type == "*":
            yield replace(grant, but=grant.but | types)
        elif grant.type not in types:
            yield grant
