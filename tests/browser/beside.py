"""A service that runs beside the browser in this process, with accounts and requests that tests put in by hand.

The browser talks to it over a real port; `other` is a second origin on the same machine: the app, or whoever attacks.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import uvicorn

from api import app
from api.deeds import Deed, Visit
from api.service import Service, started
from api.settings import Settings
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from auth.server.parties import Account, Decision, Pending
from auth.sign_in.passwords import Passwords
from auth.sign_in.records import Login
from db import migrate
from plan.model import AgencyId, PersonId, Role, Subject
from tests.support.answering import Quiet, answering
from tests.support.sign_in import CHEAP, PASSWORD, Waiting
from tests.support.world import NHS

Done = TypeVar("Done")


class Leading(Waiting):
    """Requests whose app stands at an address of this run."""

    other = ""

    async def grant(self, id_: str, account_: Account, decision: Decision) -> str:
        await super().grant(id_, account_, decision)
        return f"{self.other}/back?code=c"

    async def deny(self, id_: str, account_: Account | None) -> str:
        await super().deny(id_, account_)
        return f"{self.other}/back?error=access_denied"


class Beside:
    """The service, its address, and what a test does behind its back."""

    def __init__(self, base: str, other: "Other", service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self.base, self._other, self._service, self._loop = base, other, service, loop
        self.other = other.base
        self.waiting = Leading()
        self.waiting.other = other.base
        service.requests = self.waiting

    @property
    def seconds(self) -> int:
        """The service's own time, in seconds since 1970 UTC."""
        return self._service.desk.store.clock() // 1000

    def account(self, login: str, *, must_use_totp: bool = False) -> None:
        """Somebody who can sign in, with the password PASSWORD."""

        async def add() -> None:
            sign_in = self._service.sign_in
            account = Account(subject=Subject(login), agency=AgencyId("RX1"), role=Role.CLINICIAN, name="Nurse Test")
            hashed = await sign_in.passwords.hashed(PASSWORD)
            assert await sign_in.kept.add(
                Login(login=login, account=account, stamp="first", password=hashed, must_use_totp=must_use_totp)
            )

        self._done(add())

    def ask(self, id_: str, *scopes: str) -> None:
        """A request of an app that waits."""
        self.waiting.held[id_] = Pending(
            id=id_,
            client="app-1",
            client_name="Ward Round",
            scopes=scopes,
            expires=self.seconds + 300,
            redirect_uri=f"{self.other}/back",
        )

    def person(self, nhs_number: str) -> PersonId:
        """Somebody whom RX1 cares for."""

        async def begin() -> PersonId:
            caller = Caller(
                subject=Subject("ehr"), agency=AgencyId("RX1"), role=Role.CLINICIAN, scopes=parse("system/*.cruds")
            )
            patient = {
                "resourceType": "Patient",
                "name": [{"family": "Meadow", "given": ["Sam"]}],
                "identifier": [{"system": NHS, "value": nhs_number}],
            }
            organization = {"resourceType": "Organization", "id": "RX1", "active": True, "name": "Hospital"}
            keeper = Caller(
                subject=Subject("k"), agency=AgencyId("RX1"), role=Role.ADMINISTRATOR, scopes=parse("system/*.cruds")
            )
            desk = self._service.desk
            await desk.write(
                Visit(caller=keeper, door="cli", request="r"),
                [Deed(verb=Verb.CREATE, type="Organization", id=None, resource=organization)],
            )
            made = await desk.write(
                Visit(caller=caller, door="cli", request="r"),
                [Deed(verb=Verb.CREATE, type="Patient", resource=patient)],
            )
            assert isinstance(made, list)
            return made[0].stored.person

        return self._done(begin())

    def shown(self, body: str) -> str:
        """The address of a page of the other origin that holds this."""
        self._other.body = body
        return f"{self.other}/page"

    def _done(self, work: Coroutine[Any, Any, Done]) -> Done:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


class Other:
    """The second origin."""

    def __init__(self, base: str) -> None:
        self.base, self.body = base, ""


@contextmanager
def beside(folder: Path, key: Path, **tls: str) -> Iterator[Beside]:
    """The service and the second origin, until the end of the block. `tls`: uvicorn's words for a certificate."""
    settings = Settings(database=f"sqlite:///{folder / 'beside.db'}", development_key=key, feed_worker=False)
    migrate.upgrade(settings.database)
    with other() as there, socket.create_server(("127.0.0.1", 0)) as listening:
        held: list[tuple[Service, asyncio.AbstractEventLoop]] = []

        async def ours(known: Settings) -> Service:
            service = await started(known)
            service.sign_in.passwords.close()
            service.sign_in.passwords = Passwords(CHEAP)
            held.append((service, asyncio.get_running_loop()))
            return service

        with patch.object(app, "started", ours):
            how: dict[str, Any] = {"log_level": "warning", "access_log": False, **tls}
            server = uvicorn.Server(uvicorn.Config(app.create_app(settings), **how))
            ready = threading.Event()
            server.startup = _told(server.startup, ready)  # type: ignore[method-assign]
            thread = threading.Thread(target=server.run, args=([listening],))
            thread.start()
            try:
                assert ready.wait(30)
                yield Beside(f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}", there, *held[0])
            finally:
                server.should_exit = True
                thread.join()


def _told(startup: Any, ready: threading.Event) -> Any:
    async def begin(sockets: Any = None) -> None:
        await startup(sockets)
        ready.set()

    return begin


@contextmanager
def other() -> Iterator[Other]:
    """A second origin on this machine."""

    class Answers(Quiet):
        def do_GET(self) -> None:
            said = made.body if self.path == "/page" else f"<p>The app is back with {escape(self.path)}</p>"
            body = f"<!doctype html><title>Other</title>{said}".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with answering(Answers) as port:
        # Another host by name, so that it is another site too.
        made = Other(f"http://localhost:{port}")
        yield made
