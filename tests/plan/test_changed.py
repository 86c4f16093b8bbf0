"""What changed since somebody looked: by entry, with whose hand it was; of any history nothing is lost or made up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.changed import (
    AT_FIRST,
    DAY,
    Hand,
    Line,
    Mark,
    Version,
    by_section,
    changed,
    hands,
    in_order,
    joined,
    seen,
    since,
    titled,
    told_by,
)
from plan.known import HOUSE, Agency, Entry, Known, Place
from plan.model import AgencyId, EntryId, PersonId, Section, Subject

NOW = 100 * DAY
SOMEBODY = Hand(subject=Subject("sw1"), role="social_worker", agency="LA1")
ITSELF = Hand(subject=Subject("oneplan"), role="service", agency=HOUSE)


def entry(
    id_: str = "g1", at: int = NOW, kind: str = "goal", section: Section = Section.SOCIAL_CARE, **more: Any
) -> Entry:
    body = more.pop("body", {"goal": "Cook again", "status": "active"})
    return Entry(
        id=EntryId(id_),
        type="Goal",
        kind=kind,
        section=section,
        agency=AgencyId("LA1"),
        version=1,
        at=at,
        created=at,
        body=body,
        **more,
    )


def version(by: Hand = SOMEBODY, *, gone: bool = False, reason: str = "", **more: Any) -> Version:
    return Version(entry=entry(**more), by=by, gone=gone, reason=reason)


def compared(was: Version | None, now: Version) -> list[Line]:
    return changed({was.entry.id: was} if was else {}, {now.entry.id: now})


HELD = {"goal": "Cook again", "status": "on_hold"}
ROWS: tuple[tuple[str, Version | None, Version, str], ...] = (
    ("new", None, version(), "added"),
    ("not as it was", version(), version(body=HELD), "changed"),
    ("gone", version(), version(gone=True, body={}), "removed"),
    ("back again", version(gone=True, body={}), version(), "added"),
    ("moved to another section", version(), version(section=Section.HEALTH), "changed"),
    ("came and went", None, version(gone=True, body={}), ""),
    ("gone before, and still", version(gone=True, body={}), version(gone=True, body={}), ""),
    ("as it was", version(), version(), ""),
    ("the team as a whole, told place by place", None, version(kind="team", body={"members": []}), ""),
    ("what holds the plan together", None, version(kind="plan", body={}), ""),
)


@pytest.mark.parametrize("was, now, how", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_entry_is_new_or_gone_or_not_as_it_was_or_no_news(was: Version | None, now: Version, how: str) -> None:
    assert [line.how for line in compared(was, now)] == ([how] if how else [])


def test_a_line_says_was_and_now_and_who_and_when_and_why() -> None:
    line = compared(version(at=1), version(body=HELD, reason="She is tired"))[0]
    assert (line.was["status"], line.now["status"]) == ("active", "on_hold")
    assert (line.title, line.section, line.by, line.at) == ("Cook again", Section.SOCIAL_CARE, SOMEBODY, NOW)
    assert line.reason == "She is tired"
    assert not line.by_itself


def test_what_is_gone_is_told_as_it_was() -> None:
    line = compared(version(at=1), version(gone=True, body={}))[0]
    assert (line.title, line.now, line.was["status"], line.at) == ("Cook again", {}, "active", NOW)


def test_what_only_was_leaves_no_mark() -> None:
    assert changed({EntryId("g1"): version()}, {}) == []


def test_people_come_first_and_the_newest_of_them() -> None:
    now = [version(id_="a", at=1), version(id_="b", at=3, by=ITSELF), version(id_="c", at=2)]
    lines = changed({}, {one.entry.id: one for one in now})
    assert [line.entry.id for line in lines if line.entry] == ["c", "a", "b"]
    assert [line.by_itself for line in lines] == [False, False, True]


def test_lines_stand_by_section_as_a_plan_is_read() -> None:
    now = [version(id_="a", section=Section.LEGAL), version(id_="b", section=Section.HEALTH)]
    lines = changed({}, {one.entry.id: one for one in now})
    assert list(by_section(lines)) == [Section.HEALTH, Section.LEGAL]


def test_what_has_no_kind_of_ours_is_called_by_its_title() -> None:
    assert titled(entry(kind="record", body={"title": "Flu jab"})) == "Flu jab"
    assert titled(entry(kind="record", body={})) == ""
    assert titled(entry(kind="person", body={"name": {"family": "Test"}})) == "Test"


REVIEW = entry("r1", at=50 * DAY, kind="review", section=Section.HEALTH, body={})
SINCE: tuple[tuple[str, Mark | None, list[Entry], int, int], ...] = (
    ("nobody ever read it", None, [], NOW - AT_FIRST, NOW - AT_FIRST),
    ("read", Mark(seen=90 * DAY, at=91 * DAY), [], 90 * DAY, 90 * DAY),
    ("a section was signed off", None, [REVIEW], 50 * DAY, NOW - AT_FIRST),
    ("signed off, then read", Mark(seen=90 * DAY, at=91 * DAY), [REVIEW], 90 * DAY, 90 * DAY),
    ("read, then signed off", Mark(seen=40 * DAY, at=41 * DAY), [REVIEW], 50 * DAY, 40 * DAY),
    ("signed off twice", None, [REVIEW, entry("r0", 9, "review", Section.HEALTH)], 50 * DAY, NOW - AT_FIRST),
)


@pytest.mark.parametrize("mark, reviews, health, legal", [row[1:] for row in SINCE], ids=[row[0] for row in SINCE])
def test_each_section_is_news_since_it_was_read_or_signed_off(
    mark: Mark | None, reviews: list[Entry], health: int, legal: int
) -> None:
    moments = since(NOW, mark, reviews)
    assert (moments[Section.HEALTH], moments[Section.LEGAL]) == (health, legal)
    assert set(moments) == set(Section)


def known(*team: Place, entries: Mapping[EntryId, Entry] | None = None) -> Known:
    agencies = {
        AgencyId("RX1"): Agency(id=AgencyId("RX1"), name="Test Hospital"),
        AgencyId("X"): Agency(id=AgencyId("X")),
    }
    return Known(person=PersonId("ada"), now=NOW, entries=entries or {}, team=team, agencies=agencies)


PLACES: tuple[tuple[str, Place, list[tuple[str, str]]], ...] = (
    ("joined since", Place(party="RX1", since=NOW - 1), [("added", "Test Hospital, on the team")]),
    ("without a name", Place(party="X", since=NOW - 1), [("added", "X, on the team")]),
    ("in no directory", Place(party="RX7", since=NOW - 1), [("added", "RX7, on the team")]),
    ("joined before", Place(party="RX1", since=5), []),
    ("joins later", Place(party="RX1", since=NOW + 5), []),
    ("left since", Place(party="RX1", since=5, until=NOW), [("removed", "Test Hospital, on the team")]),
    ("leaves later", Place(party="RX1", since=5, until=NOW + 1), []),
    ("left before", Place(party="RX1", since=5, until=6), []),
    ("asked for one entry only", Place(party="RX1", since=NOW - 1, opens=EntryId("t1")), []),
    ("a carer", Place(party="user:bea", since=NOW - 1), []),
)  # fmt: skip


@pytest.mark.parametrize("place, told", [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_agencies_that_joined_or_left_are_told(place: Place, told: list[tuple[str, str]]) -> None:
    assert [(line.how, line.title) for line in joined(known(place), NOW - DAY)] == told


def stamp(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")


def team(by: Hand, *members: tuple[str, int, int], id_: str = "team") -> Version:
    """A version of what lists the team: by whom, and each agency with since and until (0: not said)."""
    listed = [
        {"agency": agency, "name": agency, "since": stamp(since)} | ({"until": stamp(until)} if until else {})
        for agency, since, until in members
    ]
    return version(by=by, id_=id_, kind="team", section=Section.FRAME, body={"members": listed})


OTHER = Hand(subject=Subject("hub1"), role="coordinator", agency="HUB1")
IN, OUT = NOW - 20, NOW - 10
TURNS: tuple[tuple[str, list[Version], list[Hand | None]], ...] = (
    ("each by the first version that says so", [team(SOMEBODY, ("RX1", IN, 0)), team(OTHER, ("RX1", IN, OUT))],
     [OTHER, SOMEBODY]),
    ("both by one version", [team(SOMEBODY, ("RX1", IN, OUT))], [SOMEBODY, SOMEBODY]),
    ("a later version says it again", [team(SOMEBODY, ("RX1", IN, OUT)), team(OTHER, ("RX1", IN, OUT))],
     [SOMEBODY, SOMEBODY]),
    ("a secret team of its own", [team(OTHER, ("LA1", IN, 0)), team(SOMEBODY, ("RX1", IN, 0), id_="secret")],
     [None, SOMEBODY]),
    ("another agency at that moment", [team(OTHER, ("LA1", IN, OUT))], [None, None]),
    ("the same agency at another moment", [team(OTHER, ("RX1", IN - 1, OUT - 1))], [None, None]),
    ("a version that lists nobody", [version(kind="team", body={})], [None, None]),
    ("no version is kept", [], [None, None]),
)  # fmt: skip


@pytest.mark.parametrize("versions, by", [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_whose_hand_it_was_is_said_by_the_team_as_it_was_written(
    versions: list[Version], by: list[Hand | None]
) -> None:
    lines = list(joined(known(Place(party="RX1", since=IN, until=OUT)), NOW - DAY))
    told = in_order(told_by(lines, hands(versions)))
    assert [(line.how, line.by) for line in told] == list(zip(("removed", "added"), by, strict=True))


def test_what_was_seen_ends_with_the_newest_that_was_shown() -> None:
    there = {EntryId("a"): entry("a", at=5)}
    assert seen(known(entries=there), []) == 5
    gone = compared(version(at=1), version(at=9, gone=True, body={}))
    assert seen(known(entries=there), gone) == 9
    # The team's places are not in the order of the entries, so they mark nothing.
    assert seen(known(), joined(known(Place(party="RX1", since=NOW - 1)), 0)) == 0


Histories = Mapping[str, list[tuple[bool, int]]]
"""For each entry its versions: whether it was taken away, and what it says."""
HISTORIES = st.dictionaries(
    st.sampled_from("abcdef"), st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=6)
)


def at_moment(histories: Histories, moment: int) -> dict[EntryId, Version]:
    """How each entry stood after so many versions."""
    found = {}
    for id_, versions in histories.items():
        if versions[:moment]:
            gone, said = versions[:moment][-1]
            found[EntryId(id_)] = version(id_=id_, gone=gone, body={} if gone else {"goal": str(said)})
    return found


@given(HISTORIES, st.integers(0, 6))
def test_what_was_with_what_changed_is_what_is(histories: Histories, moment: int) -> None:
    was, now = at_moment(histories, moment), at_moment(histories, 6)
    lines = {line.entry.id: line for line in changed(was, now) if line.entry}
    before = {id_: one.entry.body for id_, one in was.items() if not one.gone}
    after = {id_: one.entry.body for id_, one in now.items() if not one.gone}
    for id_, line in lines.items():
        if line.how == "removed":
            before.pop(id_)
        else:
            assert before.get(id_, {}) == line.was
            before[id_] = line.now
    assert before == after


@given(HISTORIES, st.integers(0, 6))
def test_nothing_is_news_to_who_has_seen_it_all(histories: Histories, moment: int) -> None:
    was = at_moment(histories, moment)
    assert changed(was, was) == []
