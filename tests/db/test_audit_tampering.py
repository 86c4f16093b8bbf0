"""Nine ways to tamper with the audit, each by somebody with all power over the database; each is told in a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from db.audit_anchors import Anchors
from tests.support.audit import anchor, event, execute, looked_at, seal, writers, written

Hand = Callable[[str, str], None]


def edit(url: str, chain: str) -> None:
    execute(
        url, "update audit_event set subject = 'nobody' where chain = :c and number = 3 and person_id = 'p1'", c=chain
    )


def take_out(url: str, chain: str) -> None:
    execute(url, "delete from audit_event where chain = :c and number in (3, 4)", c=chain)


def take_out_one_event(url: str, chain: str) -> None:
    execute(url, "delete from audit_event where chain = :c and number = 3 and person_id = 'p1'", c=chain)


def put_in(url: str, chain: str) -> None:
    values = ("p3", "n-put-in", *event()[2:])
    names = [f":v{n}" for n in range(len(values))]
    more = {f"v{n}": value for n, value in enumerate(values)}
    hash_ = "(select min(hash) from audit_event where chain = :c and number = 3)"
    execute(url, f"insert into audit_event select {', '.join(names)}, :c, 3, {hash_}", c=chain, **more)


def swap(a: int, b: int) -> Hand:
    def hand(url: str, chain: str) -> None:
        places = f"case number when {a} then {b} else {a} end"
        execute(url, f"update audit_event set number = {places} where chain = :c and number in ({a}, {b})", c=chain)

    return hand


def behead(url: str, chain: str) -> None:
    execute(url, "delete from audit_event where chain = :c and number <= 2", c=chain)


def behead_and_say_it_was_retention(url: str, chain: str) -> None:
    hash_ = "(select min(hash) from audit_event where chain = :c and number = 2)"
    execute(url, f"update audit_chain set start = 2, hash = {hash_} where id = :c", c=chain)
    behead(url, chain)


def cut_the_tail(url: str, chain: str) -> None:
    execute(url, "delete from audit_event where chain = :c and number >= 5", c=chain)


def take_the_whole_chain(url: str, chain: str) -> None:
    execute(url, "delete from audit_event where chain = :c", c=chain)
    execute(url, "delete from audit_chain where id = :c", c=chain)


def edit_and_seal(url: str, chain: str) -> None:
    edit(url, chain)
    seal(url, chain)


def close_the_gap(url: str, chain: str) -> None:
    take_out(url, chain)
    execute(url, "update audit_event set number = number - 2 where chain = :c and number > 4", c=chain)
    seal(url, chain)


@dataclass(frozen=True)
class Case:
    hand: Hand
    says: list[str]
    anchored: bool = False
    """Whether it can only be told with anchors."""


CASES = {
    "an edited event": Case(edit, ["link 3: what it says and what was before it do not give its hash"]),
    "a deletion inside": Case(take_out, ["links 3 to 4 are missing."]),
    "a deletion inside a link": Case(take_out_one_event, ["link 3: what it says and what was before it do not"]),
    "an inserted event": Case(put_in, ["link 3: the event n-put-in was put in."]),
    "neighbours that changed places": Case(swap(3, 4), ["links were moved, there stands 4 at 3, 3 at 4."]),
    "links far apart that changed places": Case(swap(2, 5), ["links were moved, there stands 5 at 2, 2 at 5."]),
    "a start cut off": Case(behead, ["links 1 to 2 are missing at its start."]),
    "a start cut off as if by retention": Case(
        behead_and_say_it_was_retention,
        ["begins after link 2, and no {} says that retention did that: it was cut off."],
    ),
    "a tail cut off": Case(cut_the_tail, ["ends at link 4, but the anchor of {when} saw link 6"], anchored=True),
    "a chain taken out whole": Case(take_the_whole_chain, ["is gone, but the anchor of {when} saw"], anchored=True),
    "an edit sealed anew": Case(edit_and_seal, ["link 6 has another hash than the anchor of"], anchored=True),
    "a deletion sealed anew": Case(close_the_gap, ["ends at link 4, but the anchor of {when} saw"], anchored=True),
}


@pytest.mark.parametrize("with_anchors", [False, True], ids=["alone", "anchored"])
@pytest.mark.parametrize("name", CASES)
async def test_it_is_told_what_was_done_and_to_which_chain(database_url: str, name: str, with_anchors: bool) -> None:
    case, anchors = CASES[name], Anchors()
    chains = await written(database_url)
    await anchor(database_url, anchors, at=1000)
    assert await looked_at(database_url, anchors) == ([], (await looked_at(database_url))[1])
    case.hand(database_url, chains[1])
    told, counts = await looked_at(database_url, anchors if with_anchors else None)
    if case.anchored and not with_anchors:
        assert told == [], "it needs the anchor"
        return
    words = [said.replace("{when}", "1970-01-01 00:00:01") for said in case.says]
    words = [said.replace("{}", "anchor" if with_anchors else "event") for said in words]
    assert len(told) == counts.faults == len(words)
    for said, sentence in zip(words, told, strict=True):
        assert sentence.startswith(f"Chain {chains[1]}")
        assert said in sentence


async def test_an_older_copy_is_told_with_the_moment_from_which_all_is_missing(database_url: str) -> None:
    anchors = Anchors()
    await written(database_url)
    await anchor(database_url, anchors, at=1000)
    for table in ("audit_event", "audit_chain"):
        execute(database_url, f"create table {table}_older as select * from {table}")
    await written(database_url, links=2)
    await anchor(database_url, anchors, at=61_000)
    for table in ("audit_event", "audit_chain"):
        execute(database_url, f"delete from {table}")
        execute(database_url, f"insert into {table} select * from {table}_older")
    assert (await looked_at(database_url))[0] == [], "it needs the anchors"
    told, _ = await looked_at(database_url, anchors)
    assert told[-1].startswith("All that the anchors saw from 1970-01-01 00:01:01 on is missing: this is an older copy")
    await written(database_url, links=2)
    assert told == (await looked_at(database_url, anchors))[0], "nor does it help to go on from there"


async def test_a_tail_that_is_cut_off_one_chain_is_no_older_copy(database_url: str) -> None:
    anchors = Anchors()
    chains = await written(database_url)
    await anchor(database_url, anchors)
    cut_the_tail(database_url, chains[0])
    told, _ = await looked_at(database_url, anchors)
    assert [sentence.split()[1] for sentence in told] == [chains[0]]


async def test_what_is_tampered_with_in_the_table_of_chains_is_told(database_url: str) -> None:
    a, b, c = await written(database_url)
    execute(database_url, "delete from audit_chain where id = :c", c=a)
    execute(database_url, "update audit_chain set form = 9 where id = :c", c=b)
    execute(database_url, "update audit_chain set start = 2 where id = :c", c=c)
    told, _ = await looked_at(database_url)
    assert [sentence.removeprefix("Chain ") for sentence in told[:4]] == [
        f"{a} was never opened: all its events were put in, or its row was taken out.",
        f"{b} has a form that this version does not know (9).",
        f"{c}, link 1 stands before the chain begins: it was put in.",
        f"{c}, link 2 stands before the chain begins: it was put in.",
    ]
    assert [f"Chain {c}" in sentence for sentence in told[4:]] == [True, True], "the hash does not fit, nobody did it"


async def test_events_beside_all_chains_and_at_odd_places_are_told(database_url: str) -> None:
    chains = await written(database_url)
    odd: list[dict[str, Any]] = [
        {"chain": "", "number": 1},
        {"chain": chains[0], "number": 2**63 - 1},
        {"chain": chains[1], "number": -(2**63)},
    ]
    for n, place in enumerate(odd):
        values = (f"odd{n}", *event()[1:])
        names = ", ".join(f":v{i}" for i in range(len(values)))
        more = {f"v{i}": value for i, value in enumerate(values)}
        execute(database_url, f"insert into audit_event select {names}, :chain, :number, 'ab'", **more, **place)
    told, _ = await looked_at(database_url)
    assert told[0] == "Chain  was never opened: all its events were put in, or its row was taken out."
    assert f"Chain {chains[0]}: links 7 to {2**63 - 2} are missing." in told
    assert f"Chain {chains[1]}, link {-(2**63)} stands before the chain begins: it was put in." in told


async def test_many_broken_links_are_each_told_and_do_not_fill_the_memory(database_url: str) -> None:
    async with writers(database_url, 1) as [database]:
        for _ in range(30):
            await database.note([event()])
    execute(database_url, "update audit_event set subject = 'nobody'")
    told, counts = await looked_at(database_url)
    assert counts.faults == len(told) == len(set(told)) == 30
