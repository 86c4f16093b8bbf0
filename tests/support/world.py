"""A world to test in: the whole service on a database of its own, SQLite and PostgreSQL, with callers of every role.

The database is a copy of one that was migrated once, so a world costs milliseconds. The web application is built when
the first request comes, so that tests of the desk do not pay for it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from api.deeds import Deed, Outcome, Visit
from api.desk import Desk
from api.service import Service, milliseconds, started, stopped
from api.settings import Settings
from auth import development
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from db import migrate
from db.engine import Database, opened
from plan.model import AgencyId, EntryId, PersonId, Role, Subject
from tests.support.postgres import borrowed_database, in_roles

ALL = "system/*.cruds"
NHS = "https://fhir.nhs.uk/Id/nhs-number"


class World:
    """One service with its database; nobody else is in it."""

    def __init__(self, settings: Settings, service: Service, key: Path, owned: Database | None = None) -> None:
        self.settings = settings
        self._owned = owned
        self.service = service
        self._key = key
        self._fixed: int | None = None
        self._shift = 0
        self._numbers = iter(range(400_000_000, 999_999_999))
        self._running: ASGIApp | None = None
        self._starting = asyncio.Lock()
        self._stack = AsyncExitStack()
        service.desk.store.clock = lambda: self.clock

    @property
    def url(self) -> str:
        """Where the database is, for its owner."""
        return self.settings.owner_database or self.settings.database

    @property
    def database(self) -> Database:
        """The open database as its owner sees it: for looking behind the service's back."""
        return self._owned or self.service.database

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.service.desk

    # time

    @property
    def clock(self) -> int:
        """Now, for the store: milliseconds since 1970 UTC."""
        return (milliseconds() if self._fixed is None else self._fixed) + self._shift

    def at(self, moment: str) -> None:
        """Stop the clock at a moment, as `2026-03-02T10:00:00Z`."""
        self._fixed, self._shift = round(datetime.fromisoformat(moment).timestamp() * 1000), 0

    def later(self, **much: float) -> None:
        """Move the clock on, in the words of timedelta: `hours=2`."""
        self._shift += round(timedelta(**much).total_seconds() * 1000)

    # who asks

    def visit(
        self,
        role: str = "clinician",
        agency: str = "RX1",
        subject: str = "",
        scopes: str = ALL,
        person: str | None = None,
        *,
        patient: str | None = None,
        door: str = "rest",
        request: str = "a-request",
    ) -> Visit:
        """Somebody at a door, past the token."""
        caller = Caller(
            subject=Subject(subject or _subject(role, agency)),
            agency=AgencyId(agency),
            role=Role(role),
            scopes=parse(scopes),
            person=PersonId(person) if person else None,
            patient=PersonId(patient) if patient else None,
            client="tests",
        )
        return Visit(caller=caller, door=door, request=request)

    def token(
        self,
        role: str = "clinician",
        agency: str = "RX1",
        subject: str = "",
        scopes: str = ALL,
        person: str | None = None,
        name: str = "",
        *,
        patient: str | None = None,
    ) -> str:
        """A token of the development issuer."""
        return development.token(
            self._key,
            subject=Subject(subject or _subject(role, agency)),
            agency=AgencyId(agency),
            role=Role(role),
            scopes=scopes,
            person=PersonId(person) if person else None,
            patient=PersonId(patient) if patient else None,
            name=name,
        )

    def client(
        self,
        role: str = "clinician",
        agency: str = "RX1",
        subject: str = "",
        scopes: str = ALL,
        person: str | None = None,
        name: str = "",
        *,
        patient: str | None = None,
    ) -> httpx.AsyncClient:
        """A client of the web application that carries a token; the world closes it."""
        token = self.token(role, agency, subject, scopes, person, name, patient=patient)
        return self._client({"Authorization": f"Bearer {token}"})

    def anonymous(self) -> httpx.AsyncClient:
        """A client without a token."""
        return self._client({})

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers)
        self._stack.push_async_callback(client.aclose)
        return client

    # who is there

    async def agency(self, id_: str, name: str = "") -> AgencyId:
        """An agency in the directory, kept by itself; nothing happens when it is there already."""
        organization = {"resourceType": "Organization", "id": id_, "active": True, "name": name or f"Agency {id_}"}
        deed = Deed(verb=Verb.CREATE, type="Organization", id=EntryId(id_), resource=organization, settled=True)
        await self.desk.write(self.visit("administrator", id_), [deed])
        return AgencyId(id_)

    async def person(
        self, by: httpx.AsyncClient | Visit, nhs_number: str | None = None, family: str = "Test", **more: Any
    ) -> PersonId:
        """Begin a plan, through FHIR for a client or at the desk for a visit; `more` goes into the Patient."""
        patient = {"resourceType": "Patient", "name": [{"family": family, "given": ["Sam"]}], **more}
        if nhs_number:
            patient["identifier"] = [{"system": NHS, "value": nhs_number}]
        if isinstance(by, Visit):
            deed = Deed(verb=Verb.CREATE, type="Patient", resource=patient)
            return (await self.write(by, deed)).stored.person
        answer = await by.post("/fhir/R4/Patient", json=patient, headers={"Content-Type": "application/fhir+json"})
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return PersonId(urlsplit(answer.headers["location"]).path.split("/Patient/")[1].split("/")[0])

    async def write(self, by: Visit, deed: Deed) -> Outcome:
        """What came of one deed at the desk."""
        outcomes = await self.desk.write(by, [deed])
        assert isinstance(outcomes, list)
        return outcomes[0]

    def nhs_number(self) -> str:
        """A valid NHS number that this world has not given yet."""
        return next(number for number in map(_checked, self._numbers) if number)

    # the web application

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The web application, on this world's service."""
        async with self._starting:
            if self._running is None:
                self._running = await self._started()
        await self._running(scope, receive, send)

    async def _started(self) -> ASGIApp:
        from api import app  # noqa: PLC0415 - tests of the desk need no doors

        async def ours(_: Settings) -> Service:
            return self.service

        made = app.create_app(self.settings)
        # A world is gone in a moment: what it makes is left to the collector, which need not look at once either.
        with patch.object(app, "started", ours), patch.object(app, "gc"):
            await self._stack.enter_async_context(_lifespan(made))
        return made

    async def close(self) -> None:
        """End everything; the application's end closes the service."""
        await self._stack.aclose()
        if self._running is None:
            await stopped(self.service)
        if self._owned:
            await self._owned.close()


@pytest.fixture(scope="session")
def development_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the key of this run's development issuer is."""
    return tmp_path_factory.mktemp("key") / "development.json"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("template") / "oneplan.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """A migrated PostgreSQL database, to be copied."""
    with borrowed_database(postgres_url) as url:
        migrate.upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of its own on either engine."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "oneplan.db")
        yield f"sqlite:///{tmp_path / 'oneplan.db'}"
    else:
        template = request.getfixturevalue("postgres_template")
        with borrowed_database(template, template=urlsplit(template).path[1:]) as url:
            yield url


@pytest.fixture
async def world(database_url: str, development_key: Path) -> AsyncIterator[World]:
    """A world on either engine."""
    settings = Settings(**in_roles(database_url), development_key=development_key, feed_worker=False)
    made = await opened_world(settings, development_key)
    try:
        yield made
    finally:
        await made.close()


async def opened_world(settings: Settings, key: Path) -> World:
    """A world with these settings."""
    owned = await opened(settings.owner_database) if settings.owner_database else None
    return World(settings, await started(settings), key, owned)


def _subject(role: str, agency: str) -> str:
    return f"{role}-of-{agency}"


def _checked(nine: int) -> str | None:
    """Nine digits with the NHS number's check digit (modulus 11); None where there is none."""
    check = 11 - sum(int(digit) * weight for digit, weight in zip(str(nine), range(10, 1, -1), strict=True)) % 11
    return None if check == 10 else f"{nine}{check % 11}"


@asynccontextmanager
async def _lifespan(app: ASGIApp) -> AsyncIterator[None]:
    """Run an application's start and end, as a server does."""
    said: asyncio.Queue[Any] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(_run(app, said, heard))
    await said.put({"type": "lifespan.startup"})
    answer = await heard.get()
    assert answer["type"] == "lifespan.startup.complete", answer
    yield
    await said.put({"type": "lifespan.shutdown"})
    await task


async def _run(app: ASGIApp, said: asyncio.Queue[Any], heard: asyncio.Queue[Any]) -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, said.get, heard.put)
