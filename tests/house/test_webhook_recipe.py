"""The receiver that the papers show takes what is ours, refuses what is not, and does once what has one id."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.feed_hook import Hook, Terms
from tests.house.tree import text
from tests.support.feed import turn
from tests.support.r4 import created, goal
from tests.support.served import environment
from tests.support.webhooks import SHELF, hooked, log, webhook
from tests.support.world import World


@contextmanager
def receiver(folder: Path, secret: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The receiver as it is pasted, and the port that it listens on."""
    (block,) = re.findall(r"^```python\n(.*?)^```", text("docs/coordination-webhooks.md"), re.MULTILINE | re.DOTALL)
    (folder / "receiver.py").write_text(block, "utf-8")
    command = [sys.executable, "receiver.py", "0"]
    env = environment(WEBHOOK_SECRET=secret)
    with (
        (folder / "receiver.log").open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder, env=env) as running,
    ):
        assert running.stdout
        try:
            yield running, int(running.stdout.readline().split()[-1])
        finally:
            running.terminate()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_receiver_of_the_papers_takes_what_is_ours_and_nothing_else(world: World, tmp_path: Path):
    client = world.client()
    person = await world.person(client)
    feed = world.service.feed
    feed.hook = Hook(Terms(frozenset({"http://127.0.0.1:1"}), loopback=True))
    made = await hooked(client, "goal.created", url="http://127.0.0.1:1/")
    with receiver(tmp_path, made["secret"]) as (running, port):
        origin = f"http://127.0.0.1:{port}"
        feed.hook = Hook(Terms(frozenset({origin}), loopback=True))
        changed = await client.put(f"{SHELF}/{made['id']}", json=webhook("goal.created", url=origin, version=1))
        assert changed.status_code == 200, changed.text
        assert (await client.post(f"{SHELF}/{made['id']}/test")).json()["delivered"] is True
        written = await created(client, goal(person))
        await turn(world)
        (sent,) = await log(client, made["id"])
        assert sent["state"] == "delivered"
        await client.post(f"{SHELF}/{made['id']}/replay", json={"delivery": sent["id"]})
        await turn(world)
        assert (await log(client, made["id"]))[0]["attempts"] == 1
        async with httpx.AsyncClient() as stranger:
            headers = {"webhook-id": "msg_x", "webhook-timestamp": "0", "webhook-signature": "v1,eA=="}
            assert (await stranger.post(origin, content=b"{}", headers=headers)).status_code == 401
        again = await created(client, goal(person))
        await turn(world)
        assert running.stdout
        lines = [(await asyncio.to_thread(running.stdout.readline)).split() for _ in range(3)]
    assert lines == [["webhook.test"], ["goal.created", written["id"]], ["goal.created", again["id"]]]
