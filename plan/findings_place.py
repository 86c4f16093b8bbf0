"""Where a finding stands, so that whoever sees it may see each of the entries that it is between, and nobody else.

A reader sees an entry if their role reads its section, if no consent has closed that section to their agency, role or
name, and if the entry is not restricted, or to their agency among others; a role that reads by consent (a carer) sees
only sections that were opened to it. A finding is an entry like others: so there must be a section whose readers all
read every side, and a restriction that leaves out whom a side leaves out. Where there is none, no finding is written.
Source: docs/access.md; held against auth.access by tests/auth/test_findings_stand.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plan.known import Entry, Known, Rule
from plan.model import PLAN_SECTIONS, AgencyId, Role, Section

Agencies = frozenset[AgencyId]
Spot = tuple[Section, Agencies | None]
"""Section and restriction, as in Draft."""


@dataclass(frozen=True, slots=True)
class Circle:
    """Who reads a section today. `shut`: by the kind of party (`agency`, `user`), to whom the person has closed it.

    `opened`: to whom it was opened, of those who read by consent alone.
    """

    roles: frozenset[Role]
    shut: frozenset[tuple[str, str]]
    opened: frozenset[str]

    def within(self, other: "Circle") -> bool:
        """Whether each role, each person who was left out and each who was let in finds the same or more there."""
        users = {name for kind, name in other.shut if kind == "user"} - {n for kind, n in self.shut if kind == "user"}
        return self.roles <= other.roles and not users

    def beyond(self, other: "Circle") -> Agencies:
        """The agencies that read here and are kept out there."""
        return frozenset(AgencyId(name) for kind, name in other.shut - self.shut if kind == "agency")


def stands(known: Known, sides: Sequence[Entry], only: frozenset[str] = frozenset()) -> Spot | None:
    """The section and the restriction of a finding between these entries; None where there is no such place.

    `only`: the kinds of agency that learn of it; empty: everybody who may see every side.
    """
    circles = {side.section: circle(known, side.section) for side in sides}
    for section in _candidates(circles):
        here = circle(known, section)
        if all(here.within(other) for other in circles.values()):
            closed = frozenset[AgencyId]().union(*(here.beyond(other) for other in circles.values()))
            open_to_carers = all(here.opened <= other.opened for other in circles.values())
            named = _named(sides)
            if closed or not open_to_carers or only:
                named = (_team(known, only) if named is None else named & _team(known, only)) - closed
            if named is None or named:
                return section, named
    return None


def circle(known: Known, section: Section) -> Circle:
    """Who reads a section today. A person reads their own plan whatever their consents say."""
    rules = [rule for rule in known.rules if rule.section is section and _holds(rule, known.now)]
    shut = frozenset(_party(rule) for rule in rules if rule.decision == "deny")
    denied = {Role(name) for kind, name in shut if kind == "role" and name in set(Role)} - {Role.PERSON}
    opened = frozenset(rule.party for rule in _permits(known, section))
    return Circle(known.readers.get(section, frozenset()) - denied, shut, opened)


def moments(known: Known) -> Iterator[int]:
    """When who reads what changes by itself: consents and places on the team that begin or end."""
    spans = [(rule.since, rule.until) for rule in known.rules] + [(place.since, place.until) for place in known.team]
    for since, until in spans:
        yield since
        if until is not None:
            yield until


def _permits(known: Known, section: Section) -> Iterator[Rule]:
    """The consents that let somebody in; the frame is open to whom any section is open."""
    for rule in known.rules:
        if rule.decision == "permit" and _holds(rule, known.now) and section in (rule.section, Section.FRAME):
            yield rule


def _holds(rule: Rule, now: int) -> bool:
    return rule.since <= now and (rule.until is None or rule.until > now)


def _party(rule: Rule) -> tuple[str, str]:
    kind, _, name = rule.party.partition(":")
    return kind, name


def _candidates(circles: dict[Section, Circle]) -> list[Section]:
    """The sides' own sections, the one with the fewest readers first; for what stands in the frame alone, any."""
    own: list[Section] = [section for section in circles if section is not Section.FRAME]
    if not own:
        return [*PLAN_SECTIONS]
    return sorted(own, key=lambda section: (len(circles[section].roles), section))


def _named(sides: Sequence[Entry]) -> Agencies | None:
    """To whom all restricted sides are open."""
    restricted = [side.restriction | {side.agency} for side in sides if side.restriction is not None]
    return frozenset.intersection(*restricted) if restricted else None


def _team(known: Known, only: frozenset[str]) -> Agencies:
    """The agencies that are on the team today; of these kinds, where any are named."""
    there = {AgencyId(place.party) for place in known.team if known.stands(place) and ":" not in place.party}
    return frozenset(one for one in there if not only or (one in known.agencies and known.agencies[one].kind in only))
