"""Signing several sections off together, and all that a plan is made of, to see whether anything of it changed."""

from typing import Any

import httpx

from db.tables import SCHEMA
from tests.support.larch import Larch

WATCHED = sorted(name for name in SCHEMA.tables if not name.startswith("audit_"))
"""The tables in which a refusal leaves nothing; its event stands in the others."""


async def version(place: Larch, section: str, agency: str = "LA1") -> int:
    answer = await place.client(agency).get(f"{place.address}/plan/sections/{section}")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["section"]["version"])


async def asked(place: Larch, *names: str, **versions: int) -> list[dict[str, Any]]:
    """Sections as they are now, but for those whose version is said."""
    return [
        {"section": name, "version": versions[name] if name in versions else await version(place, name)}
        for name in names
    ]


def shelf(place: Larch) -> str:
    return f"{place.address}/plan/sign-offs"


async def sign(place: Larch, sections: Any, agency: str = "P10001", key: str = "", **said: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await place.client(agency).post(shelf(place), json={"sections": sections, **said}, headers=headers)


async def reviews(place: Larch, agency: str = "LA1") -> list[dict[str, Any]]:
    answer = await place.client(agency).get(f"{place.address}/reviews")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def own(place: Larch, section: str) -> str:
    answer = await place.client("LA1").get(f"{place.address}/plan/sections/{section}")
    said = answer.json()["section"]
    return f"{said['id']}/_history/{said['version']}"


async def stored(place: Larch) -> dict[str, list[str]]:
    """Every row of every table but the audit's."""
    return {
        name: sorted(map(repr, map(tuple, await place.world.database.rows(f"select * from {name}", ()))))
        for name in WATCHED
    }
