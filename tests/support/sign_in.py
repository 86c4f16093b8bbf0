"""Somebody at the pages: a browser without a screen, accounts to sign in with, requests that wait for a decision."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from argon2 import PasswordHasher

from auth.server.parties import Account, Decision, Pending
from auth.sign_in.passwords import Passwords
from auth.sign_in.records import Login
from plan.model import AgencyId, PersonId, Role, Subject
from plan.problem import Problem, Trouble
from tests.support.world import World

PASSWORD = "an evening by the weir"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Real argon2id that costs nothing: a test of pages need not wait for it."""
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_FAULT = re.compile(r'<li><a href="#([a-z_]+)">([^<]+)</a></li>')
HTML = {"Accept": "text/html"}


@dataclass
class Browser:
    """A client that keeps cookies, opens pages and sends their forms back."""

    client: httpx.AsyncClient
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Open a page."""
        self.page = await self.client.get(path, headers=HTML, **more)
        return self.page

    async def post(self, path: str, headers: dict[str, str] | None = None, **said: Any) -> httpx.Response:
        """Send the form of the page that is open."""
        self.page = await self.client.post(
            path, data={"token": self.token, **said}, headers={**HTML, **(headers or {})}
        )
        return self.page

    async def follow(self) -> httpx.Response:
        """Go where the last answer leads."""
        return await self.get(self.page.headers["location"])

    async def sign_in(self, login: str, password: str = PASSWORD, next_: str = "/auth/you") -> httpx.Response:
        """Open the page, and sign in."""
        await self.get("/auth/sign-in", params={"next": next_})
        return await self.post("/auth/sign-in", name=login, password=password, next=next_)

    @property
    def token(self) -> str:
        """What the forms of the open page carry."""
        found = _TOKEN.search(self.page.text)
        return found[1] if found else ""

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What the page says is wrong: field and sentence."""
        return [(field_, unescape(text)) for field_, text in _FAULT.findall(self.page.text)]

    def plant(self, value: str, name: str = "oneplan") -> None:
        """Put a cookie in, whoever made it."""
        self.client.cookies.set(name, value, domain="127.0.0.1", path="/")

    def cookie(self, name: str = "oneplan") -> str:
        """A cookie that is held."""
        return self.client.cookies.get(name) or ""


def browser(world: World, base: str = "http://127.0.0.1") -> Browser:
    """A browser of its own."""
    client = world.anonymous()
    client.base_url = httpx.URL(base)
    return Browser(client)


async def account(
    world: World,
    login: str = "nurse1",
    role: str = "clinician",
    agency: str = "RX1",
    person: str | None = None,
    **more: Any,
) -> Login:
    """An account with the password PASSWORD."""
    sign_in = world.service.sign_in
    sign_in.passwords.close()
    sign_in.passwords = Passwords(CHEAP)
    made = Login(
        login=login,
        account=Account(
            subject=Subject(more.pop("subject", login)),
            agency=AgencyId(agency),
            role=Role(role),
            name=more.pop("name", "Nurse Test"),
            person=PersonId(person) if person else None,
        ),
        stamp="first",
        password=await sign_in.passwords.hashed(PASSWORD),
        **more,
    )
    assert await sign_in.kept.add(made)
    return made


@dataclass
class Waiting:
    """Requests that wait in memory, and what was decided: the authorization server as the pages know it."""

    held: dict[str, Pending] = field(default_factory=dict)
    granted: list[tuple[str, Account, Decision]] = field(default_factory=list)
    denied: list[tuple[str, Account | None]] = field(default_factory=list)

    async def pending(self, id_: str) -> Pending | None:
        return self.held.get(id_)

    async def grant(self, id_: str, account_: Account, decision: Decision) -> str:
        self._taken(id_)
        self.granted.append((id_, account_, decision))
        return "https://app.example/back?code=c"

    async def deny(self, id_: str, account_: Account | None) -> str:
        self._taken(id_)
        self.denied.append((id_, account_))
        return "https://app.example/back?error=access_denied"

    def _taken(self, id_: str) -> Pending:
        if id_ not in self.held:
            raise Problem(Trouble.NOT_FOUND)
        return self.held.pop(id_)


def waiting(world: World, *scopes: str, **more: Any) -> Waiting:
    """One request `r1` that asks for these scopes."""
    redirect = more.pop("redirect_uri", "https://app.example/back")
    one = Pending(
        id="r1",
        client="app-1",
        client_name=more.pop("client_name", "Ward Round"),
        scopes=scopes,
        expires=world.clock // 1000 + 300,
        redirect_uri=redirect,
        **more,
    )
    made = Waiting({"r1": one})
    world.service.requests = made
    return made


async def events(world: World) -> list[tuple[str, ...]]:
    """What the audit says of door auth: type, subject, target, whether it was allowed, why not."""
    sql = "select type, subject, target, allowed, question from audit_event where door = 'auth' order by at, id"
    rows = await world.database.rows(sql)
    return [(kind, subject, target, "allowed" if ok else why) for kind, subject, target, ok, why in map(tuple, rows)]
