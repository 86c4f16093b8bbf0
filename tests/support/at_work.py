"""Somebody at the pages of work: a browser that has signed in, and a discharge that everybody was asked about."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from tests.support.discharges import Rest
from tests.support.larch import AGENCIES, Larch, larch
from tests.support.sign_in import PASSWORD, Browser, account, browser
from tests.support.world import World

PLANNED, MOVED = "2026-03-06T14:00:00Z", "2026-03-09T14:00:00Z"
_FAULT = re.compile(r'<a href="#([\w-]+)">([^<]+)</a>')
_ANEW = re.compile(r'type="hidden" name="[\w-]+" value="[^"]*"')


async def at_work(world: World, agency: str = "HA1", role: str = "", login: str = "", **more: Any) -> Browser:
    """A browser of somebody of an agency, in the role that its workers have, who has signed in."""
    role = role or AGENCIES[agency][1]
    name = login or f"{role}-{agency}".lower()
    await account(world, name, role, agency, **more)
    made = browser(world)
    answer = await made.sign_in(name, PASSWORD)
    assert answer.status_code == 303, answer.text
    return made


def faults(at: Browser) -> dict[str, str]:
    """What the open page says is wrong: by field, in the words of the summary."""
    return {name: unescape(text.strip()) for name, text in _FAULT.findall(at.page.text)}


def plain(text: str) -> str:
    """A page without what is new in each answer."""
    return _ANEW.sub("", text)


def hidden(at: Browser) -> dict[str, Any]:
    """The hidden fields of the open form."""
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', at.page.text))
    return {name: unescape(value) for name, value in found.items() if name != "token"}


@dataclass
class Planned:
    """Ada, who is to leave hospital."""

    place: Larch
    rest: Rest
    stay: str

    @property
    def at(self) -> str:
        """The page of the stay."""
        return f"/care/people/{self.place.ada}/stays/{self.stay}"

    async def item(self, code: str) -> dict[str, Any]:
        """An item as the API says it."""
        found: dict[str, Any] = (await self.rest.gate(self.stay))["items"][code]
        return found

    async def page(self, code: str) -> str:
        """The page of an item."""
        return f"{self.at}/items/{(await self.item(code))['task'].partition('/')[2]}"

    async def moved(self, to: str = MOVED) -> None:
        """The discharge is planned for another day; the worker has asked everybody again."""
        answer = await self.rest.change(self.stay, planned_discharge=to)
        assert answer.status_code == 200, answer.text
        await self.place.turn()


async def planned(world: World, at: str = "2026-03-04T14:00:00Z", **more: Any) -> Planned:
    """Ada is in hospital since Monday and is to go home on Friday; it is Wednesday, and everybody was asked."""
    place = await larch(world, **more)
    rest = Rest(place)
    world.at("2026-03-02T10:00:00Z")
    stay = await rest.admit(ward="4B")
    world.at(at)
    made = Planned(place, rest, stay)
    await made.moved(PLANNED)
    return made
