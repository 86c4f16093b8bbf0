"""Who can see this, what the person has decided about it, and when each part was last signed off."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from api.pages.care import addresses
from api.pages.care.plan_page.plan_glance import readable
from api.pages.care.wording import SECTIONS, Wording, sentence
from plan.known import Entry, Known, moment
from plan.model import PLAN_SECTIONS, AgencyId, Role, Section

_MOST: Final = 12
_ALL: Final = frozenset(PLAN_SECTIONS)


class Chip(NamedTuple):
    """An agency on the team: what it is there, and which sections its role reads, unless consent says otherwise."""

    name: str
    role: str
    reads: str


class Sharing(NamedTuple):
    """The block: the agencies, the decisions of the person in words, and how many there are besides."""

    chips: list[Chip]
    rules: list[str]
    left: int
    reads_consents: bool


class Signed(NamedTuple):
    """A section: when it was last signed off, by whom, with what outcome, and when it is due again."""

    section: str
    href: str
    last: str
    who: str
    outcome: str
    next: str
    is_due: bool


def sharing(known: Known, words: Wording) -> Sharing:
    """Who can see the plan, as far as this reader may know."""
    rules = [*_rules(known, words)]
    return Sharing(
        [*_chips(known, words)], rules[:_MOST], max(0, len(rules) - _MOST), readable(known, Section.ABOUT_ME)
    )


def _chips(known: Known, words: Wording) -> Iterator[Chip]:
    roles: dict[str, list[str]] = {}
    for place in known.team:
        if known.stands(place) and ":" not in place.party:
            roles.setdefault(place.party, []).append(place.role)
    for party, said in roles.items():
        named = ", ".join(dict.fromkeys(sentence(role) for role in said if role))
        yield Chip(words.agency(party), named, _reads(known, said))


def _reads(known: Known, roles: Iterable[str]) -> str:
    """The sections that roles of the charter read; empty for words that are none of its roles."""
    known_roles = {role for role in Role if role.value in roles}
    sections = [section for section in PLAN_SECTIONS if known.readers.get(section, frozenset()) & known_roles]
    if known_roles and set(sections) == _ALL:
        return "every section"
    return _listed([SECTIONS[section.value] for section in sections])


def _rules(known: Known, words: Wording) -> Iterator[str]:
    """What the person has decided, the refusals first: they are what somebody may stumble on."""
    holding = [one for one in known.of("consent") if _holds(one, known.now)]
    for one in sorted(holding, key=lambda each: each.body.get("decision") != "deny"):
        body: Mapping[str, Any] = one.body
        whom = _listed([_grantee(each, words) for each in body["to"]])
        what = _listed([SECTIONS[name] for name in body["sections"]])
        until = f", until {words.date(body['end'])}" if "end" in body else ""
        yield f"{'May not see' if body['decision'] == 'deny' else 'May see'} {what}: {whom}{until}"


def _holds(one: Entry, now: int) -> bool:
    start, end = moment(one.body.get("start")), moment(one.body.get("end"))
    return one.body.get("status") == "active" and (start is None or start <= now) and (end is None or now <= end)


def _grantee(said: Mapping[str, str], words: Wording) -> str:
    if "agency" in said:
        return words.agency(AgencyId(said["agency"]))
    if "role" in said:
        return f"anybody in the role {words.role(said['role']).lower()}"
    return words.reference(said["carer"]) if "carer" in said else said.get("subject", "")


def signed(known: Known, words: Wording) -> list[Signed]:
    """The sections that the reader sees, each with its newest sign-off."""
    newest: dict[Section, Entry] = {}
    for one in sorted(known.of("review"), key=lambda each: (each.at, each.id)):
        newest[one.section] = one
    return [
        _signed(known, section, newest.get(section), words) for section in PLAN_SECTIONS if readable(known, section)
    ]


def _signed(known: Known, section: Section, review: Entry | None, words: Wording) -> Signed:
    href = addresses.of_section(known.person, section)
    if review is None:
        return Signed(SECTIONS[section.value], href, "", "", "", "", is_due=False)
    due = moment(review.body.get("next_review"))
    return Signed(
        section=SECTIONS[section.value],
        href=href,
        last=words.day(review.at),
        who=words.by(review),
        outcome=sentence(str(review.body.get("outcome", ""))),
        next=words.date(review.body.get("next_review")),
        is_due=due is not None and due <= known.now,
    )


def _listed(names: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last
