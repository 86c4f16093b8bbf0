"""What tests of the plan page share: who reads it, and what its blocks say."""

import re
from html import unescape
from typing import Any

import httpx

from tests.support.larch import Larch
from tests.support.sign_in import Browser, account, browser
from tests.support.world import World


async def reader(world: World, login: str, role: str, agency: str, **more: Any) -> Browser:
    """Somebody who has signed in."""
    await account(world, login, role, agency, **more)
    made = browser(world)
    await made.sign_in(login)
    return made


async def doctor(world: World) -> Browser:
    """The general practitioner."""
    return await reader(world, "doctor1", "clinician", "P10001")


def at(place: Larch, end: str = "") -> str:
    """An address of Ada's plan."""
    return f"/care/people/{place.ada}{end}"


def plain(page: httpx.Response) -> str:
    """What a page says, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def block(page: httpx.Response, name: str) -> str:
    """What one block says, up to the next heading of its level."""
    inside = page.text.partition(f'<h2 id="{name}">')[2].partition("<h2 ")[0]
    return plain(httpx.Response(200, text=inside))


def card(page: httpx.Response, heading: str) -> str:
    """What stands under a heading of the third level; empty without one."""
    return plain(httpx.Response(200, text=page.text.partition(f"<h3>{heading}</h3>")[2].partition("</div>\n")[0]))


def hidden(one: Browser, name: str) -> str:
    """A hidden field of the open page."""
    found = re.search(rf'name="{name}" value="([^"]+)"', one.page.text)
    return found[1] if found else ""


async def marked(one: Browser, place: Larch) -> None:
    """Read the plan, say so, and see that it was taken."""
    await one.get(at(place))
    if seen := hidden(one, "seen"):
        await one.post(at(place, "/read"), seen=seen, key=hidden(one, "key"))
        await one.follow()
