"""One searched value, as it stands in an address, in the neutral form of plan.query.

Source: FHIR R4 search.html 3.1.1.4 (prefixes, escapes, and each family of values). Values are brought to the spelling
that the index keeps: systems and NHS numbers in their one form, strings folded, our own addresses relative, types as
stored.

The index keeps a `code` or a boolean without a system, because the resource has none; whoever names the official
system of such an element (`status=http://hl7.org/fhir/request-status|active`) means these rows, and finds them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import NoReturn, cast

from fhir_facade.leaves import bare_systems, targets
from fhir_facade.params import Param
from fhir_facade.references import RELATIVE, relative
from fhir_facade.values import LONGEST_STRING, fold
from fhir_facade.versions import R4, Version
from plan.dates import date_range
from plan.identity import NHS_NUMBER, nhs_number, normal_system
from plan.number import before, key
from plan.problem import Fault, Problem, Trouble
from plan.query import Amount, Match, Point, Prefix, Text, Token, Value, When

ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9\-.]{1,64}\Z")
"""The form of an id. One of dots alone is none: it would be read as a step in an address."""

_PREFIXED = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([,|$\\])")
_PIECE = re.compile(r"\\.|.", re.DOTALL)
_NUMBER = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?(?:[eE][+-]?[0-9]{1,3})?")
_EXACT = Context(prec=2500)
"""Digits enough for any number that `_NUMBER` lets through, so that nothing is rounded."""
_HALF = Decimal("0.5")
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Term:
    """What is searched: the parameter, the modifier behind it, our own base address, and in which version of FHIR."""

    param: Param
    modifier: str = ""
    base: str = ""
    version: Version = R4

    def values(self, text: str) -> Iterator[Value]:
        """The alternatives of one value. Raises Problem(BAD_VALUE) for one that cannot be read."""
        family = "token" if self.modifier == "identifier" else self.param.family
        if self.param.name == "_id":
            yield Token(plain(text))
        elif family == "token":
            yield from tokens(text, self)
        elif family == "reference":
            yield _point(plain(text), self)
        elif family == "date":
            yield _when(text, self)
        elif family == "uri":
            yield Text(plain(text), cast("Match", self.modifier or "exact"))
        elif family == "string":
            yield words(plain(text), self)
        else:
            yield _amount(text, self)


def split(text: str, mark: str) -> list[str]:
    """`text` at each `mark` that is not escaped; the escapes stay."""
    if "\\" not in text:
        return text.split(mark)
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == mark:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def plain(text: str) -> str:
    r"""`text` without the escapes `\\,` `\\|` `\\$` and `\\\\`."""
    return _ESCAPED.sub(r"\1", text)


def tokens(text: str, term: Term) -> Iterator[Token]:
    """`code`, `system|code`, `|code` and `system|`; twice for the system of an element that is kept without one."""
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) == 1:
        yield Token(parts[0])
        return
    if len(parts) > 2 or not any(parts):  # noqa: PLR2004 - system and code
        refuse(term, "is no token", r"Write code, system|code, |code or system|, and a bar in a value as \|.")
    system, code = normal_system(parts[0]), parts[1] or None
    if code is not None and system == NHS_NUMBER:
        code = _nhs(code)
    yield Token(code, system)
    if system in bare_systems(term.param):
        yield Token(code, "")


def _nhs(code: str) -> str:
    try:
        return nhs_number(code)
    except ValueError:
        return code


def _point(text: str, term: Term) -> Point:
    """`id`, `Type/id`, our own absolute address, or the address of something elsewhere."""
    address = relative(text, term.base)
    found = RELATIVE.fullmatch(address)
    if found:
        return Point(found["id"], term.version.stored_type(found["type"]) or found["type"])
    if ID.match(address):
        said = term.version.stored_type(term.modifier) if term.modifier else None
        return Point(address, said or term.modifier or _only_type(term.param))
    if ":" not in address:
        refuse(term, "is no reference", "Write an id, Type/id or an absolute address.")
    return Point(address.partition("/_history/")[0], "")


def _only_type(param: Param) -> str | None:
    """The type of all targets, where the parameter itself says it (`patient`)."""
    return "Patient" if param.name == "patient" or targets(param) == {"Patient"} else None


def _when(text: str, term: Term) -> When:
    prefix, said = _prefixed(text)
    # In an address a plus sign stands for a space: who did not escape `+01:00` still means the zone.
    covered = date_range(said.strip().replace(" ", "+"))
    if covered is None:
        refuse(term, "is no date", "Write it as 2026, 2026-03 or 2026-03-06T14:00:00Z, with or without ge.")
    return When(*covered, prefix=prefix)


def _amount(text: str, term: Term) -> Amount:
    """`[prefix]number`, of a quantity also `[prefix]number|system|code`."""
    parts = [plain(part) for part in split(text, "|")]
    of_unit = term.param.family == "quantity" and len(parts) == 3  # noqa: PLR2004 - number, system and code
    prefix, said = _prefixed(parts[0])
    number = said.strip()
    if not _NUMBER.fullmatch(number) or not (len(parts) == 1 or of_unit):
        refuse(term, "is no number", "Write a number, or number|system|code of a quantity, with or without ge.")
    low, high = _ends(Decimal(number), prefix)
    system, code = (parts[1] or None, parts[2] or None) if of_unit else (None, None)
    return Amount(low, high, prefix, system, code)


def _ends(number: Decimal, prefix: Prefix) -> tuple[str, str]:
    """What is meant by a number: for equality, all that rounds to it; about it, ten per cent; else itself."""
    if prefix in ("eq", "ne"):
        half = _HALF.scaleb(int(number.as_tuple().exponent))
        return key(_EXACT.subtract(number, half)), before(key(_EXACT.add(number, half)))
    if prefix == "ap":
        part = _EXACT.multiply(abs(number), _TENTH)
        return key(_EXACT.subtract(number, part)), key(_EXACT.add(number, part))
    return key(number), key(number)


def _prefixed(text: str) -> tuple[Prefix, str]:
    prefix, said = cast("re.Match[str]", _PREFIXED.fullmatch(text)).groups()
    return cast("Prefix", prefix or "eq"), said


def words(text: str, term: Term, match: Match = "starts") -> Text:
    """Folded text; refused when nothing of it is left to search by."""
    folded = fold(text)[:LONGEST_STRING].rstrip()
    if not folded:
        refuse(term, "has no letter to search by", "Write how the text begins.")
    return Text(folded, match)


def refuse(term: Term, what: str, mend: str, trouble: Trouble = Trouble.BAD_VALUE) -> NoReturn:
    """The value itself is not repeated: it may say who somebody is."""
    said = f"the value of {term.param.name} {what}"
    raise Problem(trouble, said[:1].upper() + said[1:], (Fault(said, mend=mend),))
