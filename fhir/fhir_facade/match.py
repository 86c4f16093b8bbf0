"""How alike two Patients are: what to look for, and a score that says why nobody need guess.

Source: FHIR R4 patient-operation-match.html and extension match-grade. The rules are fixed and written down here: no
training, no chance. What names one person only (an NHS number) decides; where it contradicts, nothing is more than
possible. Names are compared folded and by their sound, dates also with day and month exchanged.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from fhir_facade.index import fold
from plan.dates import date_range
from plan.identity import identity, unique
from plan.query import Condition, Query, Text, Token, When

Patient = Mapping[str, Any]
Grade = Literal["certain", "probable", "possible", "certainly-not"]
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"

CANDIDATES = 100
"""How many people each way of looking brings at most."""
_MOST = 20
"""Identifiers and numbers of one Patient that take part."""
PROBABLE, POSSIBLE = 0.6, 0.35
_CONTRADICTED = 0.5
_DATE = 10
"""Characters of a whole date."""
_SOUNDS: Mapping[str, str] = {
    letter: digit
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6"))
    for letter in letters
}
_DIGITS = re.compile(r"\D+")
_SPACES = re.compile(r"[\s.-]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How sure it is, from 0 to 1, and in the words of the extension."""

    score: float
    grade: Grade


def queries(patient: Patient) -> Iterator[Query]:
    """The searches whose findings are worth comparing; none for a Patient that says nothing to look by."""
    identifiers = [Token(value, system) for system, value in sorted(_identifiers(patient))[:_MOST]]
    born = _born(patient)
    if identifiers:
        yield _looked(Condition("identifier", tuple(identifiers)))
    if born:
        days = [date_range(text) for text in (born, _exchanged(born))]
        yield _looked(Condition("birthdate", tuple(When(*day) for day in days if day)))
    year = date_range(born[:4]) if born else None
    for family in sorted(_families(patient))[:3]:
        yield _looked(Condition("family", (Text(family),)))
        if year:
            yield _looked(Condition("family", (Text(family[:2]),)), Condition("birthdate", (When(*year),)))
    numbers = tuple(Token(said) for said in sorted(_said(patient, "telecom"))[:_MOST])
    if numbers:
        yield _looked(Condition("telecom", numbers))
    places = tuple(Text(code) for code in sorted(_postcodes(patient))[:_MOST])
    if places:
        yield _looked(Condition("address-postalcode", places))


def likeness(asked: Patient, held: Patient) -> Likeness:
    """How alike what was asked for is to one who is there."""
    points = [
        _names(_families(asked), _families(held), 20, -12),
        _names(_givens(asked), _givens(held), 12, -8),
        _dates(_born(asked), _born(held)),
        _gender(asked.get("gender"), held.get("gender")),
        _postcode(_postcodes(asked), _postcodes(held)),
        14 if _contacts(asked) & _contacts(held) else 0,
    ]
    alike = sum(points) + 30 * bool(_plain(asked) & _plain(held))
    score = max(0.0, min(alike / 100, 0.95))
    same, other = _decisive(asked, held)
    if same:
        # The number says who it is; when both name and birth say somebody else, it was mistyped or lent.
        contradicted = points[0] < 0 and points[2] < 0
        return Likeness(_CONTRADICTED, "possible") if contradicted else Likeness(1.0, "certain")
    if other:
        score = min(score, _CONTRADICTED)
    score = round(score, 2)
    if score >= PROBABLE:
        return Likeness(score, "probable")
    return Likeness(score, "possible" if score >= POSSIBLE else "certainly-not")


def replaced(patient: Patient) -> bool:
    """Whether the Patient was found to be another, who stands for them."""
    return any(link.get("type") == "replaced-by" for link in patient.get("link", ()))


def _looked(*conditions: Condition) -> Query:
    return Query(type="Patient", conditions=conditions, count=CANDIDATES)


def _identifiers(patient: Patient) -> set[tuple[str, str]]:
    return set(_read(patient.get("identifier", ())))


def _read(identifiers: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in identifiers:
        try:
            yield identity(one.get("system", ""), one.get("value", ""))
        except ValueError:
            continue


def _decisive(asked: Patient, held: Patient) -> tuple[bool, bool]:
    """Whether an identifier that names one person only is the same, and whether one of the same system is another."""
    mine, theirs = ({p for p in _identifiers(one) if unique(p[0])} for one in (asked, held))
    same = bool(mine & theirs)
    shared = {system for system, _ in mine} & {system for system, _ in theirs}
    return same, bool(shared) and not same


def _plain(patient: Patient) -> set[tuple[str, str]]:
    """Identifiers that only one system knows: worth something, not everything."""
    return {pair for pair in _identifiers(patient) if pair[0] and not unique(pair[0])}


def _families(patient: Patient) -> set[str]:
    return {fold(one["family"]) for one in patient.get("name", ()) if one.get("family")} - {""}


def _givens(patient: Patient) -> set[str]:
    return {fold(one["given"][0]) for one in patient.get("name", ()) if one.get("given") and one["given"][0]} - {""}


def _names(asked: set[str], held: set[str], same: int, other: int) -> int:
    """The whole name, then its sound or one letter, then its beginning."""
    if not asked or not held:
        return 0
    if asked & held:
        return same
    pairs = [(one, another) for one in asked for another in held]
    if any(_sound(one) == _sound(another) or _one_off(one, another) for one, another in pairs):
        return same * 2 // 3
    if any(one.startswith(another) or another.startswith(one) for one, another in pairs):
        return same // 2
    return other


def _sound(name: str) -> str:
    """Soundex: the first letter and up to three digits of the consonants that follow; vowels part equal ones."""
    letters = [char for char in name if char.isalpha()]
    if not letters:
        return name
    made, last = letters[0], _SOUNDS.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUNDS.get(letter, "")
        if digit and digit != last:
            made += digit
        if letter not in "hw":
            last = digit
    return made[:4]


def _one_off(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two neighbours are exchanged; not in very short names."""
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or len(long) - len(short) > 1:  # noqa: PLR2004 - `Ann` is not `Ian`
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    exchanged = short[at : at + 2][::-1] == long[at : at + 2] and short[at + 2 :] == long[at + 2 :]
    return exchanged or short[at + 1 :] == long[at + 1 :]


def _born(patient: Patient) -> str:
    said = patient.get("birthDate")
    return said if isinstance(said, str) and date_range(said) else ""


def _exchanged(date: str) -> str:
    """The date with day and month exchanged; empty when that is none, or the same."""
    if len(date) != _DATE or date[5:7] == date[8:]:
        return ""
    turned = f"{date[:5]}{date[8:]}-{date[5:7]}"
    return turned if date_range(turned) else ""


def _dates(asked: str, held: str) -> int:
    if not asked or not held:
        return 0
    if asked == held:
        return 30 if len(asked) == _DATE else 15
    if asked.startswith(held) or held.startswith(asked):
        return 15
    if asked == _exchanged(held):
        return 20
    wrong = sum(a != b for a, b in zip(asked, held, strict=False))
    return 12 if wrong == 1 and len(asked) == len(held) == _DATE else -25


def _gender(asked: Any, held: Any) -> int:
    known = {"male", "female"}
    if asked not in known or held not in known:
        return 0
    return 4 if asked == held else -8


def _postcodes(patient: Patient) -> set[str]:
    return {" ".join(fold(str(one["postalCode"])).split()) for one in patient.get("address", ()) if "postalCode" in one}


def _postcode(asked: set[str], held: set[str]) -> int:
    if {_SPACES.sub("", one) for one in asked} & {_SPACES.sub("", one) for one in held}:
        return 14
    return 4 if {one.split(" ")[0] for one in asked} & {one.split(" ")[0] for one in held} else 0


def _said(patient: Patient, name: str) -> set[str]:
    return {str(one["value"]) for one in patient.get(name, ()) if one.get("value")}


def _contacts(patient: Patient) -> set[str]:
    """Numbers by their last nine digits, so that +44 and 0 are one; addresses folded."""
    said = _said(patient, "telecom")
    return {fold(one) if "@" in one else _DIGITS.sub("", one)[-9:] for one in said} - {""}
