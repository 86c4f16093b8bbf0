"""A service with open streams stops when it is told to: each stream is ended whole, and nobody waits for a reader."""

import re
from itertools import islice
from pathlib import Path

import httpx

from api.demonstration_data import ADA
from auth.sign_in.common import DEMONSTRATION
from tests.support.built import BUILT
from tests.support.served import serving

pytestmark = BUILT
MANY = 20
"""Lines of heartbeats after which a stream that goes on is given up."""


def test_it_stops_with_a_stream_open(tmp_path: Path) -> None:
    key = str(tmp_path / "key.json")
    with (
        serving(tmp_path, "--demo", ONEPLAN_DEVELOPMENT_KEY=key) as server,
        httpx.Client(base_url=server.base, follow_redirects=True, timeout=60) as client,
    ):
        [token] = re.findall(r'name="token" value="([^"]+)"', client.get("/auth/sign-in").text)
        said = {"token": token, "name": "clinician-p10001", "password": DEMONSTRATION, "next": "/auth/you"}
        client.post("/auth/sign-in", data=said)
        page = client.get(f"/care/people/{ADA}/timeline")
        [news] = re.findall(r'hx-sse:connect="([^"]+)"', page.text)
        with client.stream("GET", news) as answer:
            lines = answer.iter_lines()
            assert next(lines) == ": open"
            server.stop()
            rest = list(islice(lines, MANY))
    assert "event: end" not in rest
    assert len(rest) < MANY
    log = (tmp_path / "served.log").read_text("utf-8")
    assert "Finished server process" in log
    assert "Traceback" not in log
