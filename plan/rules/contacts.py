"""C17: two entries name different next of kin, attorneys or telephone numbers. Only the person knows which is right."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from plan.known import Entry, Known
from plan.rules.rule import Ask, Given, Hit, Row, Severity

KINDS: Mapping[str, str] = {"health_and_welfare": "health_attorney", "property_and_affairs": "attorney"}
"""What a power of attorney makes somebody, in the words of contacts. A deputy is named by a court."""
ASKED: Mapping[str, str] = {
    "next_of_kin": "next of kin",
    "attorney": "attorney for property",
    "health_attorney": "attorney for health",
}
_NUMBER = re.compile(r"\+?[\d ()./-]{6,}")
_BETWEEN = re.compile(r"[,;|]|\s/\s|\bor\b")
_COUNTRY = ("0044", "44")
_SHORTEST = 7


@dataclass(frozen=True, slots=True)
class One:
    """Somebody as one entry knows them. `words`: their name in parts, in small letters; `phones`: digits alone."""

    entry: Entry
    name: str
    words: frozenset[str]
    roles: frozenset[str]
    phones: frozenset[str]
    subject: str = ""


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every pair of entries that name two people for a place that one has, or two numbers for one person."""
    ones = [one for entry in known.of("contact", "legal") for one in _ones(entry, given)]
    named = {kind: [_named(ones, entry, kind) for entry in known.of("legal")] for kind in KINDS.values()}
    found: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for one, other in combinations(ones, 2):
        differs = _differs(one, other, named) if one.entry.id != other.entry.id else None
        if differs:
            found.setdefault((one.entry.id, other.entry.id), []).append(differs)
    for (first, second), differences in found.items():
        sides = tuple(entry for entry in known.of("contact", "legal") if entry.id in (first, second))
        yield _hit(sides, list(dict.fromkeys(differences)))


def _ones(entry: Entry, given: Given) -> Iterator[One]:
    body = entry.body
    if entry.kind == "contact":
        name = str(body.get("name", ""))
        roles = frozenset(body.get("roles", ()))
        yield One(entry, name, _words(name, given), roles, phones(body), str(body.get("subject", "")))
        return
    for attorney in body.get("attorneys", ()):
        role, name = KINDS.get(attorney.get("type", "")), str(attorney.get("name", ""))
        if role:
            numbers = phones({"phone": attorney.get("contact", "")})
            yield One(entry, name, _words(name, given), frozenset({role}), numbers)


def _words(name: str, given: Given) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", name.lower())) - frozenset(given["titles"])


def phones(body: Mapping[str, object]) -> frozenset[str]:
    """The telephone numbers in a line, each as the digits that are dialled at home."""
    parts = (part for line in _BETWEEN.split(str(body.get("phone", ""))) for part in _NUMBER.findall(line))
    return frozenset(digits for part in parts if len(digits := _dialled(part)) >= _SHORTEST)


def _dialled(text: str) -> str:
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    country = next((code for code in _COUNTRY if digits.startswith(code)), "")
    return "0" + digits.removeprefix(country) if country else digits


def _same(one: One, other: One) -> bool:
    """Whether two are one and the same: by account, by number, or by a name that is part of the other's."""
    if one.subject and other.subject:
        return one.subject == other.subject
    return bool(one.phones & other.phones) or one.words <= other.words or other.words <= one.words


def _named(ones: list[One], entry: Entry, role: str) -> list[One]:
    """Whom one record of legal information names for a power: several of them may act together."""
    return [one for one in ones if one.entry == entry and role in one.roles]


def _differs(one: One, other: One, named: Mapping[str, list[list[One]]]) -> tuple[str, str, str] | None:
    """In what two entries differ, and what each says; None where they do not."""
    if _same(one, other):
        numbers = bool(one.phones and other.phones) and not one.phones & other.phones
        return ("number", _number(one), _number(other)) if numbers else None
    for role, word in ASKED.items():
        if role in one.roles & other.roles and not any(_together(one, other, who) for who in named.get(role, ())):
            return word, one.name, other.name
    return None


def _together(one: One, other: One, who: list[One]) -> bool:
    """Whether a record of legal information names both."""
    return all(any(_same(each, attorney) for attorney in who) for each in (one, other))


def _number(one: One) -> str:
    return f"{one.name}: {', '.join(sorted(one.phones))}"


def _hit(sides: tuple[Entry, ...], differences: list[tuple[str, str, str]]) -> Hit:
    what = "; ".join(f"{word}: {first} or {second}" for word, first, second in differences)
    return Hit(
        sides=sides,
        says=(
            "; ".join(f"{word} {first}" for word, first, _ in differences),
            "; ".join(f"{word} {second}" for word, _, second in differences),
        ),
        detail=f"Two entries differ on the {what}.",
        proposal="Ask the person which is right, and correct the other.",
    )


ROW = Row(
    id="c17-contacts",
    title="Different next of kin, attorneys or telephone numbers",
    find=find,
    reads={"contact": ("name", "roles", "phone", "subject"), "legal": ("attorneys",)},
    severity=Severity.WARN,
    source="Coordination design C17; PRSB Core Information Standard v2, Personal contacts; Mental Capacity Act 2005",
    owner="Care coordination lead",
    asks=(
        Ask(to="person", what="Two entries about your contacts differ. Which one is right?"),
        Ask(to="discharge_hub", what="Two entries about contacts differ. Ask the person which one is right."),
    ),
    since=date(2026, 1, 1),
    given={"titles": ("mr", "mrs", "miss", "ms", "mx", "dr", "rev", "sir", "lady", "prof")},
)
