"""`oneplan audit` as people run it, and the anchors that the worker writes beside the service."""

import asyncio
import fcntl
import json
import logging
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from api import anchoring, audit_command
from api.anchoring import Anchoring
from api.app import working
from api.cli import app
from api.settings import Settings
from db.audit_anchors import Anchors
from db.audit_retain import DAY
from db.engine import Unavailable
from tests.support.audit import event, execute, looked_at, writers, written
from tests.support.world import World


def run(url: str, *command: str, **more: str) -> Result:
    """The command, without the start of a process."""
    return CliRunner().invoke(app, ["audit", *command, "--database", url], env={"ONEPLAN_AUDIT_ANCHOR": "", **more})


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Where anchors go."""
    return str(tmp_path / "anchors")


def test_the_commands_say_what_they_did_and_fail_where_something_is_wrong(database_url: str, file: str) -> None:
    [chain] = asyncio.run(written(database_url, chains=1))
    more = {"ONEPLAN_AUDIT_ANCHOR": file}
    assert run(database_url, "anchor", **more).stdout == "The anchor is written.\n"
    assert run(database_url, "anchor", **more).stdout == "Nothing is new since the last anchor.\n"
    done = run(database_url, "verify", **more)
    said = "12 events in 6 links of 1 chains were looked at.\nAll is as it was written.\n"
    assert (done.exit_code, done.stdout) == (0, said)
    execute(database_url, "delete from audit_event where number = 6")
    for done in (run(database_url, "verify", **more), run(database_url, "verify", "--anchors", file)):
        assert done.exit_code == 1
        assert done.stdout.splitlines()[0].startswith(f"Chain {chain} ends at link 5, but the anchor of 20")
        assert done.stdout.splitlines()[-1] == "2 faults."
    done = run(database_url, "verify")
    assert (done.exit_code, audit_command.UNSEEN in done.stdout) == (0, True), "it says what it cannot see"
    done = run(database_url, "retain", "--days", "365", **more)
    assert done.stdout == "10 events are removed.\n", "they are of 1970"


@pytest.mark.parametrize(
    "command, more, says",
    [
        (["anchor"], {}, "Say where anchors are written"),
        (["retain", "--days", "364"], {}, "Nothing that is younger than 365 days is removed."),
        (["verify", "--anchors", "nowhere"], {}, "No such file"),
        (["anchor"], {"ONEPLAN_AUDIT_ANCHOR": "http://far.example/"}, "audit_anchor"),
        (["anchor"], {"ONEPLAN_AUDIT_ANCHOR": "/nowhere/at/all"}, "No such file"),
    ],
)
def test_what_is_not_done_is_said_in_a_sentence(
    sqlite_template: Path, command: list[str], more: dict[str, str], says: str
) -> None:
    done = run(f"sqlite:///{sqlite_template}", *command, **more)
    assert done.exit_code == 1
    assert isinstance(done.exception, ValueError | FileNotFoundError), "which the command line says in a sentence"
    assert says in str(done.exception)


def test_a_database_that_is_none_of_ours_is_said_to_be_unavailable(tmp_path: Path) -> None:
    done = run(f"sqlite:///{tmp_path / 'empty.db'}", "verify")
    assert (done.exit_code, done.stdout) == (1, "")
    assert isinstance(done.exception, Unavailable)


async def test_retention_says_beforehand_in_the_anchors_what_goes(database_url: str, file: str) -> None:
    await written(database_url, chains=2)
    assert await audit_command.anchored(database_url, file)
    now = 10_000_000_000_000
    gone = await audit_command.retained(database_url, file, 365, now)
    assert gone == 24
    assert await audit_command.anchored(database_url, file)
    told, counts = await looked_at(database_url, anchoring.read(file))
    assert (told, counts.events) == ([], 2), "an event for each chain that is gone"
    assert await audit_command.retained(database_url, "", 365, 365 * DAY + 1) == 0


async def test_a_retention_whose_anchor_fails_removes_nothing(database_url: str) -> None:
    await written(database_url, chains=1)
    with pytest.raises(FileNotFoundError):
        await audit_command.retained(database_url, "/nowhere/at/all", 365)
    assert (await looked_at(database_url))[1].events == 12


async def test_several_processes_write_one_file_and_none_overwrites_another(database_url: str, file: str) -> None:
    async with writers(database_url, 3) as databases:
        hands = [Anchoring(database, file) for database in databases]
        for _ in range(4):
            await asyncio.gather(*(database.note([event()]) for database in databases))
            await asyncio.gather(*(hand.once() for hand in hands))
        assert not any([await hand.once() for hand in hands])
    anchors = anchoring.read(file)
    assert (anchors.faults, len(anchors.heads)) == ([], 3)
    assert (await looked_at(database_url, anchors))[0] == []


async def test_an_anchor_whose_writer_died_in_the_middle_is_put_aside(database_url: str, file: str) -> None:
    async with writers(database_url, 1) as [database]:
        await database.note([event()])
        await Anchoring(database, file).once()
        torn(file)
        other = Anchoring(database, file)
        for _ in range(2):
            await database.note([event()])
            assert await other.once()
    anchors = anchoring.read(file)
    assert (anchors.faults, len(anchors.moments)) == ([], 3)


async def test_a_file_that_another_holds_for_long_is_given_up_for_this_time(
    database_url: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchoring, "_WAIT", 0)
    async with writers(database_url, 1) as [database]:
        with Path(file).open("wb") as held:  # noqa: ASYNC230 - it is only held
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(BlockingIOError):
                await Anchoring(database, file).once()
        assert await Anchoring(database, file).once()


async def test_a_line_for_which_there_is_no_room_is_an_error(
    database_url: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writers(database_url, 1) as [database]:
        hand = Anchoring(database, file)
        whole = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[:20]))
        with pytest.raises(OSError, match="no room"):
            await hand.once()
        monkeypatch.undo()
        assert await hand.once(), "and the next one is written"
    assert anchoring.read(file).faults == []


def torn(file: str) -> None:
    """Leave a line that somebody has only begun to write."""
    whole = Path(file).read_bytes()
    Path(file).write_bytes(whole + whole[:40])


class Receiver(httpx.AsyncBaseTransport):
    """Takes what is sent, and answers what it is told to."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.taken: list[bytes] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.taken.append(await request.aread())
        answer = self.answers.pop(0) if self.answers else 204
        if not answer:
            raise httpx.ReadTimeout("it took the line, and nobody heard so")
        return httpx.Response(answer, request=request)


async def test_a_receiver_gets_the_very_same_line_until_it_says_that_it_has_it(database_url: str) -> None:
    receiver = Receiver(0, 500, 302)
    async with writers(database_url, 1) as [database]:
        hand = Anchoring(database, "https://anchors.example/in", transport=receiver)
        for _ in range(3):
            await database.note([event()])
            with pytest.raises(httpx.HTTPError):
                await hand.once()
        assert await hand.once()
        assert not await hand.once()
    first, second = receiver.taken[0], receiver.taken[-1]
    assert receiver.taken == [first] * 4 + [second]
    anchors = Anchors().read(receiver.taken)
    assert (anchors.faults, [head.number for head in anchors.heads.values()]) == ([], [3])
    assert (await looked_at(database_url, anchors))[0] == []


async def test_the_worker_anchors_beside_the_service_and_at_its_end(world: World, file: str) -> None:
    world.service.settings = world.settings.model_copy(update={"feed_worker": True, "audit_anchor": file})
    await world.database.note([event()])
    async with working(world.service):
        while not Path(file).exists():  # noqa: ASYNC110, ASYNC240 - it is there within a turn or two
            await asyncio.sleep(0)
        await world.database.note([event()])
    anchors = anchoring.read(file)
    assert sum(head.number for head in anchors.heads.values()) == 2


async def test_an_anchor_that_fails_is_told_in_the_log_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hand, stop, tried = Anchoring(world.database, "unused"), asyncio.Event(), 0
    monkeypatch.setattr(anchoring, "EVERY", 0)

    async def fails(_: Any = None) -> bool:
        nonlocal tried
        tried += 1
        if tried == 4:
            stop.set()
        raise (OSError("a"), Unavailable("b"), httpx.ConnectError("c"))[tried % 3]

    monkeypatch.setattr(hand, "once", fails)
    with caplog.at_level(logging.WARNING):
        await asyncio.wait_for(hand.run(stop), 20)
    assert tried == 5
    assert "an anchor of the audit was not written (OSError); it is tried again" in caplog.messages


async def test_without_a_place_nothing_is_anchored(world: World) -> None:
    await asyncio.wait_for(anchoring.beside(world.service, asyncio.Event()), 20)


@pytest.mark.parametrize("place", ["http://far.example/in", "ftp://far.example/in"])
def test_an_anchor_does_not_go_anywhere_in_the_clear(place: str) -> None:
    with pytest.raises(ValidationError):
        Settings(audit_anchor=place)


async def test_an_anchor_says_when_and_by_whom(database_url: str, file: str) -> None:
    async with writers(database_url, 1) as [database]:
        await database.note([event()])
        await Anchoring(database, file, clock=lambda: 77).once()
    told = json.loads(await asyncio.to_thread(Path(file).read_text))
    assert (told["at"], told["links"], told["by"].count(":")) == (77, 1, 2)
