"""The tables of tests/spec/contradictions, read: cases that a clinician can check, run by the rules themselves.

A case opens with YES and the severity that is expected, or with NO, and says in words why. Below it stand the entries,
one a line: the agency whose it is, the kind, and its fields; and `detail` with the sentence that people read, if it is
to be this one. Every body is checked by the form of its kind, so that no
case rests on an entry that the service would refuse. docs/coordination.md, section 4.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from plan.charter import Letter, charter
from plan.contradictions import RULES
from plan.kinds import KINDS
from plan.known import LONDON, Agency, Entry, Known, Place, Rule
from plan.model import AgencyId, EntryId, PersonId, Role, Section
from plan.rules.rule import Hit, Row
from plan.rules.spans import period
from tests.support.contradiction_people import DEFAULTS, FIELDS, TYPES

SPEC = Path(__file__).parents[1] / "spec" / "contradictions"
AGENCIES: Mapping[str, tuple[str, str]] = {
    "LA1": ("social_care", "Larch Council social care"),
    "HC1": ("care_provider", "Larch Home Care"),
    "HC2": ("care_provider", "Elm Home Care"),
    "P10001": ("gp_practice", "Larch Practice"),
    "RX1": ("hospital", "Larch Hospital"),
    "CH1": ("community_health", "Larch Community Nursing"),
    "PH1": ("pharmacy", "Larch Pharmacy"),
    "EQ1": ("equipment", "Larch Equipment"),
    "HA1": ("housing", "Larch Court"),
    "BA1": ("benefits", "Larch Benefits Advice"),
    "DH1": ("discharge_hub", "Larch Discharge Hub"),
}
READERS: Mapping[Section, frozenset[Role]] = {
    section: frozenset(role for role in Role if charter().letter(role, section) is not Letter.NOTHING)
    for section in Section
}
_HEAD = re.compile(r"(?:YES (?P<severity>warn|high|critical|blocking)(?: (?P<count>\d))?|NO) \| (?P<why>\S.*)")
_LINE = re.compile(r"(?P<aside>\+ )?(?P<agency>[A-Z]+\d+) (?P<kind>[a-z_]+)\s+(?P<fields>\S.*)")


@dataclass(slots=True)
class Case:
    """One case. `severity`: what is expected, empty for a negative. `asides`: ids of entries that are no side of it.

    `detail`: what the finding says, where the case is about that. `called`: what the directory calls the agencies.
    """

    why: str
    severity: str
    count: int
    at: str
    entries: list[Entry] = field(default_factory=list)
    asides: set[str] = field(default_factory=set)
    identity: dict[str, Any] = field(default_factory=dict)
    team: tuple[str, ...] = tuple(AGENCIES)
    detail: str = ""
    called: Callable[[str], str] = lambda id_: AGENCIES[id_][1]

    def known(self) -> Known:
        """What the rules know in this case."""
        now = moment(self.at)
        names = {AgencyId(id_): self.called(id_) for id_ in AGENCIES}
        agencies = {id_: Agency(id=id_, name=names[id_], kind=AGENCIES[id_][0]) for id_ in map(AgencyId, self.team)}
        return Known(
            person=PersonId("ada"),
            now=now,
            entries={entry.id: entry for entry in self.entries},
            identity=self.identity,
            team=tuple(Place(party=id_) for id_ in self.team),
            rules=tuple(rule for entry in self.entries if entry.kind == "consent" for rule in _rules(entry)),
            agencies=agencies,
            names={id_: name for id_, name in names.items() if id_ not in agencies},
            readers=READERS,
        )

    def hits(self, row: Row) -> list[Hit]:
        """What the rule finds in it."""
        return list(row.find(self.known(), row.given))

    def right(self, row: Row) -> bool:
        """Whether the rule finds what is expected: how many, how severe, and between which entries."""
        hits = self.hits(row)
        sides = {side.id for hit in hits for side in hit.sides}
        wanted = {entry.id for entry in self.entries} - self.asides if self.severity else set()
        severities = {(hit.severity or row.severity).value for hit in hits}
        said = not self.detail or any(hit.detail == self.detail for hit in hits)
        return len(hits) == self.count and sides == wanted and severities <= {self.severity} and said


def table(row: Row) -> str:
    """The file of a rule's cases."""
    return f"{row.id.replace('-', '_')}.txt"


def cases(name: str) -> list[Case]:
    """The cases of one table. Raises AssertionError for a line that says nothing."""
    return read((SPEC / name).read_text(), name)


def read(text: str, name: str) -> list[Case]:
    """The cases of a text; `name` is said with what is wrong in it."""
    at = ""
    made: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        try:
            if said.startswith("now ") and line[0] == " ":
                made[-1].at = said.removeprefix("now ")
            elif said.startswith("now "):
                at = said.removeprefix("now ")
            elif line[0] != " ":
                made.append(_case(said, at))
            else:
                _entry(made[-1], said)
        except Exception as error:
            raise AssertionError(f"{name}:{number}: {said}: {error}") from error
    return made


def _case(text: str, at: str) -> Case:
    found = _HEAD.fullmatch(text)
    assert found, "a case opens with `YES severity | why` or `NO | why`"
    severity = found["severity"] or ""
    return Case(found["why"], severity, int(found["count"] or bool(severity)), at)


def _entry(case: Case, text: str) -> None:
    if text.startswith("person "):
        case.identity |= nested(fields(text.removeprefix("person "), "person"))
        return
    if text.startswith("detail "):
        case.detail = text.removeprefix("detail ")
        return
    if text.startswith("team "):
        case.team = tuple(text.split()[1:])
        return
    found = _LINE.fullmatch(text)
    assert found, "an entry is `AGENCY kind field value; field value`"
    kind, id_ = found["kind"], EntryId(f"e{len(case.entries) + 1}")
    said = dict(fields(found["fields"], kind))
    section, created = said.pop("section", None), said.pop("created", case.at)
    restricted = said.pop("restricted", None)
    body = {**DEFAULTS.get(kind, {}), **nested(said.items())}
    home = _checked(kind, body)
    case.entries.append(
        Entry(
            id=id_,
            type=TYPES[kind],
            kind=kind if kind in KINDS else "record",
            section=Section(section) if section else home,
            agency=AgencyId(found["agency"]),
            version=1,
            at=moment(created),
            created=moment(created) + len(case.entries),
            by_agency=found["agency"],
            restriction=frozenset(AgencyId(one) for one in restricted.split()) if restricted else None,
            body=body,
        )
    )
    if found["aside"]:
        case.asides.add(id_)


def _checked(kind: str, body: dict[str, Any]) -> Section:
    """Where an entry of a kind stands when its line does not say, once the form of the kind has taken its body."""
    if kind not in KINDS:
        return Section.HEALTH
    KINDS[kind].form.model_validate(body)
    return KINDS[kind].home or Section.HEALTH


def _rules(consent: Entry) -> Iterator[Rule]:
    """What an active consent decides, as the service projects it."""
    body = consent.body
    for party in body["to"] if body["status"] == "active" else ():
        for section in body["sections"]:
            span = period(replace(consent, body={"period": body}), Known(person=PersonId("ada"), now=0, entries={}))
            yield Rule(
                entry=consent.id,
                party=":".join(*party.items()),
                section=Section(section),
                decision=body["decision"],
                since=span.low,
                until=span.high,
            )


def nested(said: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The fields, those with a dot inside the object that they name first."""
    made: dict[str, Any] = {}
    for name, value in said:
        head, _, rest = name.partition(".")
        if rest:
            made.setdefault(head, {})[rest] = value
        else:
            made[head] = value
    return made


def fields(text: str, kind: str) -> Iterator[tuple[str, Any]]:
    """The fields of a line, each with its value in the native form."""
    for part in text.split(";"):
        name, _, value = part.strip().partition(" ")
        reader: Callable[[str], Any] = FIELDS.get(f"{kind}.{name}") or FIELDS.get(name, str)
        yield name, reader(value.strip())


def moment(text: str) -> int:
    """Milliseconds since 1970 UTC of a local time in London; `+1` after it: the second of two such hours."""
    plain, _, fold = text.partition(" +")
    found = datetime.strptime(plain, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON, fold=int(fold or 0))
    return round(found.timestamp() * 1000)


def scores(row: Row, name: str) -> tuple[int, int, Decimal, Decimal]:
    """How many positive and negative cases a table has, and the rule's recall and precision over them."""
    read = cases(name)
    positive = [case for case in read if case.severity]
    negative = [case for case in read if not case.severity]
    found = sum(case.right(row) for case in positive)
    false = sum(bool(case.hits(row)) for case in negative) + sum(
        bool(c.hits(row)) for c in positive if not c.right(row)
    )
    recall = Decimal(found) / max(len(positive), 1)
    return len(positive), len(negative), recall, Decimal(found) / max(found + false, 1)


def report() -> str:
    """One line a rule: how many cases, recall and precision."""
    lines = [f"{'rule':<24} positive negative recall precision"]
    for row in RULES:
        positive, negative, recall, precision = scores(row, table(row))
        lines.append(f"{row.id:<24} {positive:>8} {negative:>8} {recall:>6.3f} {precision:>9.3f}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report())
