"""Retention takes old events from the start of chains, and nobody can do the same and be taken for it."""

import json
from typing import Any

import pytest

from db.audit_anchors import Anchors
from db.audit_retain import Broken, old, remove
from tests.support.audit import anchor, event, execute, looked_at, writers


def said(target: str) -> tuple[Any, ...]:
    return event("", at=10_000, action="D", type="AuditEvent", target=target)


async def written(url: str, *moments: list[int]) -> list[str]:
    """A chain for each list of moments, with a link for each moment; their names in the order of the lists."""
    names = []
    for each in moments:
        async with writers(url, 1) as [database]:
            before = {row[0] for row in await database.rows("select id from audit_chain")}
            for at in each:
                await database.note([event(at=at), event("p2", at=at)])
            names += [row[0] for row in await database.rows("select id from audit_chain") if row[0] not in before]
    return names


async def retained(url: str, before: int, anchors: Anchors | None = None) -> int:
    async with writers(url, 1) as [database]:
        until = await old(database, before)
        if anchors is not None:
            await anchor(url, anchors, until)
        return await remove(database, until, said)


async def test_old_events_go_by_whole_links_from_the_start_only(database_url: str) -> None:
    a, b, c = await written(database_url, [1, 2, 3, 9, 1], [8, 1], [1, 2])
    assert await retained(database_url, 5) == 10
    left = execute(database_url, "select chain, number, at from audit_event where person_id = 'p1' and at < 10000")
    assert sorted(tuple(row) for row in left) == sorted([(a, 4, 9), (a, 5, 1), (b, 1, 8), (b, 2, 1)])
    chains = {row[0]: row[1] for row in execute(database_url, "select id, start from audit_chain")}
    assert (chains[a], chains[b], c in chains) == (3, 0, False)
    targets = execute(database_url, "select target from audit_event where type = 'AuditEvent' and person_id = ''")
    assert {row[0] for row in targets} == {f"{a}/3", f"{c}/2"}


async def test_after_retention_everything_is_as_it_was_written_with_anchors_or_without(database_url: str) -> None:
    anchors = Anchors()
    await written(database_url, [1, 2, 3, 9], [1, 2])
    await anchor(database_url, anchors)
    assert await retained(database_url, 3, anchors) == 8
    await anchor(database_url, anchors)
    assert (await looked_at(database_url))[0] == []
    assert (await looked_at(database_url, anchors))[0] == []
    assert anchors.faults == []


async def test_retention_again_keeps_what_says_where_chains_begin(database_url: str) -> None:
    await written(database_url, [1, 2, 30_000])
    await retained(database_url, 3)
    assert await retained(database_url, 20_000) == 1, "the event of the first retention is old by now"
    assert (await looked_at(database_url))[0] == []
    assert await retained(database_url, 3) == 0
    assert (await looked_at(database_url))[0] == []


async def test_a_stretch_of_many_links_goes_in_several_transactions(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.audit_retain._AT_ONCE", 2)
    [a] = await written(database_url, [1, 2, 3, 4, 5, 99])
    assert await retained(database_url, 9) == 10
    targets = execute(database_url, "select target from audit_event where type = 'AuditEvent' and person_id = ''")
    assert {row[0] for row in targets} == {f"{a}/{n}" for n in (2, 4, 5)}
    assert (await looked_at(database_url))[0] == []


async def test_retention_that_was_stopped_is_still_told_from_a_removal_by_somebody_else(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.audit_retain._AT_ONCE", 2)
    anchors = Anchors()
    await written(database_url, [1, 2, 3, 4, 5, 99], [1, 2, 3])

    def dies(target: str) -> tuple[Any, ...]:
        if target.endswith("/4"):
            raise ZeroDivisionError
        return said(target)

    async with writers(database_url, 1) as [database]:
        until = await old(database, 9)
        await anchor(database_url, anchors, until)
        with pytest.raises(ZeroDivisionError):
            await remove(database, until, dies)
    assert (await looked_at(database_url))[0] == (await looked_at(database_url, anchors))[0] == []
    assert await retained(database_url, 9, anchors) > 0
    assert (await looked_at(database_url))[0] == (await looked_at(database_url, anchors))[0] == []


async def test_what_somebody_has_changed_is_not_removed(database_url: str) -> None:
    await written(database_url, [1, 2, 3, 9])
    execute(database_url, "update audit_event set subject = 'nobody' where number = 2")
    with pytest.raises(Broken, match=r"Nothing was removed\. Chain .*, link 2: what it says"):
        await retained(database_url, 5)
    assert execute(database_url, "select count(*) from audit_event")[0][0] == 8


async def test_who_cuts_a_start_off_after_a_retention_is_told(database_url: str) -> None:
    anchors = Anchors()
    [a] = await written(database_url, [1, 2, 3, 9, 10])
    await retained(database_url, 3, anchors)
    hash_ = execute(database_url, "select min(hash) from audit_event where chain = :a and number = 4", a=a)[0][0]
    execute(database_url, "delete from audit_event where chain = :a and number <= 4", a=a)
    execute(database_url, "update audit_chain set start = 4, hash = :hash where id = :a", a=a, hash=hash_)
    await anchor(database_url, anchors)
    for with_anchors, word in ((None, "event"), (anchors, "anchor")):
        told, _ = await looked_at(database_url, with_anchors)
        assert told == [f"Chain {a} begins after link 4, and no {word} says that retention did that: it was cut off."]


def test_the_line_of_a_retention_says_what_may_be_missing() -> None:
    anchors = Anchors()
    line = anchors.line({}, 1, "s", {"a": 7}, retention=True)
    assert json.loads(line or b"")["retained"] == {"a": 7}
