"""What changed in a plan since somebody looked at it: one line an entry, with what it was, what it is now, and whose
hand it was. Source: issue 6, part 2; users.md section 3, block 3.

Somebody has seen what they marked as read, what they signed off, and what they wrote themselves: an entry is compared
with how it was then. What came and went in between, and what is again as it was, is no news.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from plan.attention import title
from plan.kinds import FRAME_KINDS, KINDS
from plan.known import HOUSE, Body, Entry, Known, moment
from plan.model import EntryId, Section, Slot, Subject

DAY: Final = 86_400_000
AT_FIRST: Final = 30 * DAY
"""How far back somebody is told who has never said that they have read the plan."""
How = Literal["added", "changed", "removed"]
_ORDER: Final = tuple(Section)
_TOLD_OTHERWISE: Final = frozenset({Slot.ROOT.value, Slot.TEAM.value, "plan"})
"""What only holds a plan together: who is on the team is told place by place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Whose hand it is: an account, the role and the agency that it acts for."""

    subject: Subject
    role: str = ""
    agency: str = ""


Turn = tuple[How, str, int]
"""That an agency joined the team or left it: how, its id, and when, milliseconds since 1970 UTC."""
Hands = Mapping[Turn, Hand]
_SAID: Final[Mapping[How, str]] = {"added": "since", "removed": "until"}
"""Where the team's own entry says when."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an entry. `gone`: it says that the entry was taken away. `reason` is kept with it, or empty."""

    entry: Entry
    by: Hand
    reason: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far somebody has read. Moments in milliseconds since 1970 UTC.

    `seen`: the newest moment of what they were shown; `at`: when they said so.
    """

    seen: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry, or the place on the team of one agency (`party`; `entry` None), that is new, gone or not as it was.

    `at`: when, milliseconds since 1970 UTC; `by` None where nobody is named. `was` and `now` are empty where there is
    nothing.
    """

    how: How
    section: Section
    title: str
    at: int
    by: Hand | None = None
    reason: str = ""
    was: Body
    now: Body
    entry: Entry | None = None
    party: str = ""

    @property
    def by_itself(self) -> bool:
        """Whether the service wrote it, by its own rules: what follows from others' changes, and is told after them."""
        return self.by is not None and self.by.agency == HOUSE


def since(now: int, mark: Mark | None, reviews: Iterable[Entry]) -> dict[Section, int]:
    """From when on each section is news to somebody, by how far they have read and by their own `reviews` of it."""
    read = None if mark is None else mark.seen
    signed: dict[Section, int] = {}
    for one in reviews:
        signed[one.section] = max(one.at, signed.get(one.section, 0))
    said = {section: [at for at in (read, signed.get(section)) if at is not None] for section in Section}
    return {section: max(moments, default=now - AT_FIRST) for section, moments in said.items()}


def changed(was: Mapping[EntryId, Version], now: Mapping[EntryId, Version]) -> list[Line]:
    """What differs between what somebody had seen and what is there now, the newest first and the service's own last.

    `now` holds what is gone, too. What is only in `was` is not there for them any more, and leaves no mark.
    """
    found = (_line(was.get(id_), newest) for id_, newest in now.items() if newest.entry.kind not in _TOLD_OTHERWISE)
    return in_order(line for line in found if line is not None)


def hands(team: Iterable[Version]) -> Hands:
    """Whose hand it was that put an agency on the team, or took it off: that of the first version that says so.

    `team`: versions of what lists the team, the oldest first, from before what is asked for.
    """
    found: dict[Turn, Hand] = {}
    for one in team:
        for place in one.entry.body.get("members", ()):
            for how, said in _SAID.items():
                at = moment(place.get(said))
                if at is not None:
                    found.setdefault((how, str(place.get("agency")), at), one.by)
    return found


def joined(known: Known, from_: int) -> Iterator[Line]:
    """The agencies that joined the team, or left it, after a moment. `from_` in milliseconds since 1970 UTC.

    A place on the team says nothing of whose hand it was: `told_by` does.
    """
    for place in known.team:
        if place.opens is not None or ":" in place.party:
            continue
        name = known.called(place.party)
        if from_ < place.since <= known.now:
            yield _place("added", name, place.party, place.since)
        if place.until is not None and from_ < place.until <= known.now:
            yield _place("removed", name, place.party, place.until)


def told_by(lines: Iterable[Line], by: Hands) -> Iterator[Line]:
    """Lines of the team, each with whose hand it was, as far as that is known."""
    yield from (replace(one, by=by.get((one.how, one.party, one.at))) for one in lines)


def in_order(lines: Iterable[Line]) -> list[Line]:
    """People's changes before the service's own, and the newest first."""
    return sorted(lines, key=lambda one: (one.by_itself, -one.at, one.title))


def by_section(lines: Iterable[Line]) -> dict[Section, list[Line]]:
    """The same lines by section, in the order in which a plan is read; in each of them as they came."""
    found: dict[Section, list[Line]] = {}
    for one in lines:
        found.setdefault(one.section, []).append(one)
    return {section: found[section] for section in _ORDER if section in found}


def seen(known: Known, lines: Iterable[Line]) -> int:
    """The newest moment of all that was shown: what is written later is later than that (one order a person)."""
    moments = (entry.at for entry in known.entries.values())
    return max((*moments, *(one.at for one in lines if one.entry is not None)), default=0)


def _line(was: Version | None, now: Version) -> Line | None:
    before = None if was is None or was.gone else was.entry
    after = None if now.gone else now.entry
    if before is None and after is None:
        return None
    if before is not None and after is not None and before.body == after.body and before.section is after.section:
        return None
    shown = after or before
    assert shown is not None
    return Line(
        how="added" if before is None else "removed" if after is None else "changed",
        section=shown.section,
        title=titled(shown),
        at=now.entry.at,
        by=now.by,
        reason=now.reason,
        was=before.body if before else {},
        now=after.body if after else {},
        entry=shown,
    )


def titled(entry: Entry) -> str:
    """What people call an entry; of what has no kind of ours, the title that its face was given."""
    return title(entry) if entry.kind in KINDS or entry.kind in FRAME_KINDS else str(entry.body.get("title", ""))


def _place(how: How, name: str, party: str, at: int) -> Line:
    title = f"{name}, on the team"
    return Line(how=how, section=Section.FRAME, title=title, at=at, was={}, now={}, party=party)
