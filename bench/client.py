"""The load: some connections that each send the next request as soon as they have the answer to the last.

A process of its own, whose processor time is not counted: HTTP/1.1 by hand on asyncio, a few microseconds a request.
It reads one job as a line of JSON, says `warm` when it is warm, goes on when it is told to, and says how it went.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import uvloop

from bench.world import WORKERS_OF_AN_AGENCY, agency, estate, id_of, nhs_number

_OK: Final = range(200, 300)
_KEPT_OF_AN_ERROR: Final = 600


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to ask, of whom and for how long.

    `paths` and `bodies` hold one text for each template person, with `%(person)s`, `%(nhs)s`, `%(estate)s`, `%(n)s`
    and the names in `places` to fill in; person n is made after template n modulo their number.
    `tokens`: by agency, one of each worker. `callers`: the sorts of agency that ask. `versioned`: send the version that
    the entry `target` is at, and count it up.
    """

    port: int
    connections: int
    people: int
    seconds: float
    warm: float
    method: str
    paths: list[str]
    bodies: list[str]
    places: list[dict[str, int]]
    tokens: dict[str, list[str]]
    callers: list[str]
    kind: str = "application/fhir+json"
    versioned: bool = False
    seed: int = 1


@dataclass(kw_only=True)
class Went:
    """How it went: times in milliseconds; `first` is the first answer's body, `trouble` the first bad one.

    `asked` counts the requests of the warming up as well.
    """

    requests: int
    asked: int
    seconds: float
    p50: float
    p95: float
    p99: float
    errors: int
    trouble: str
    first: str


class _Load:
    """The requests of one job, and what came of them."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.versions: dict[int, int] = {}
        self.first = self.trouble = ""
        self.asked = 0
        self.forget()

    def forget(self) -> None:
        """What was measured so far was for warming up; an error is an error all the same."""
        self.took: list[int] = []
        self.errors = 1 if self.trouble else 0

    def request(self, person: int, dice: random.Random) -> bytes:
        """The next request, of a worker who is on this person's team."""
        job, at = self.job, person % len(self.job.paths)
        known = {name: id_of(person, place) for name, place in job.places[at].items()}
        known |= {"n": str(dice.getrandbits(32)), "nhs": nhs_number(person), "estate": estate(person)}
        body = (job.bodies[at] % known).encode()
        of = agency(dice.choice(job.callers), person)
        token = job.tokens[of][dice.randrange(WORKERS_OF_AN_AGENCY)]
        head = f"{job.method} {job.paths[at] % known} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        if body:
            head += f"Content-Type: {job.kind}\r\nContent-Length: {len(body)}\r\n"
        if job.versioned:
            head += f'If-Match: W/"{self.versions.get(person, 1)}"\r\n'
        return f"{head}\r\n".encode() + body

    def answered(self, person: int, status: int, body: bytes, took: int) -> None:
        """Take an answer down."""
        self.asked += 1
        self.took.append(took)
        if status not in _OK:
            self.errors += 1
            self.trouble = self.trouble or f"{status} {body[:_KEPT_OF_AN_ERROR].decode(errors='replace')}"
            return
        self.first = self.first or body.decode()
        if self.job.versioned:
            self.versions[person] = self.versions.get(person, 1) + 1

    def went(self, seconds: float) -> Went:
        """The sum of it."""
        times = sorted(self.took) or [0]
        p50, p95, p99 = (times[min(int(len(times) * part), len(times) - 1)] / 1e6 for part in (0.50, 0.95, 0.99))
        return Went(
            requests=len(self.took),
            asked=self.asked,
            seconds=seconds,
            p50=p50,
            p95=p95,
            p99=p99,
            errors=self.errors,
            trouble=self.trouble,
            first=self.first,
        )


class _Connection(asyncio.Protocol):
    """One connection. It has people of its own, so that no two connections change one entry at the same time."""

    def __init__(self, load: _Load, number: int) -> None:
        self._load = load
        self._dice = random.Random(load.job.seed * 1000 + number)
        self._people = range(number, load.job.people, load.job.connections) or range(load.job.people)
        self._buffer = bytearray()
        self._until = 0.0
        self._done: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is none of asyncio's classes

    def connection_lost(self, exc: Exception | None) -> None:
        if self._until:
            self._load.errors += 1
            self._load.trouble = self._load.trouble or "the server closed the connection"
            self._done()

    async def run(self, until: float) -> None:
        """Send and wait, until the clock says so."""
        finished = asyncio.get_running_loop().create_future()
        self._until = until
        self._done = lambda: None if finished.done() else finished.set_result(None)
        self._next()
        await finished
        self._until = 0.0

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        size = end + 4 + _length(bytes(self._buffer[:end]).lower())
        if len(self._buffer) < size:
            return
        took = time.perf_counter_ns() - self._sent
        status, body = int(self._buffer[9:12]), bytes(self._buffer[end + 4 : size])
        self._buffer.clear()
        self._load.answered(self._person, status, body, took)
        if time.perf_counter() < self._until:
            self._next()
        else:
            self._done()

    def _next(self) -> None:
        self._person = self._dice.choice(self._people)
        request = self._load.request(self._person, self._dice)
        self._sent = time.perf_counter_ns()
        self._transport.write(request)


def _length(head: bytes) -> int:
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        raise ValueError("the server does not say how long its answer is")
    return int(head[at + 17 :].split(b"\r\n", 1)[0])


async def _connected(load: _Load) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    made = [_Connection(load, number) for number in range(load.job.connections)]
    for one in made:
        await loop.create_connection(lambda one=one: one, "127.0.0.1", load.job.port)  # type: ignore[misc]
    return made


async def _run(connections: list[_Connection], seconds: float) -> float:
    start = time.perf_counter()
    await asyncio.gather(*(one.run(start + seconds) for one in connections))
    return time.perf_counter() - start


def main() -> None:
    """One job: warm up, wait for the word, measure."""
    said: dict[str, Any] = json.loads(sys.stdin.readline())
    load = _Load(Job(**said))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        connections = runner.run(_connected(load))
        runner.run(_run(connections, load.job.warm))
        print("warm", flush=True)
        sys.stdin.readline()
        load.forget()
        seconds = runner.run(_run(connections, load.job.seconds))
    print(json.dumps(asdict(load.went(seconds))), flush=True)


if __name__ == "__main__":
    main()
