"""My list: what needs the reader, over everybody whose plan is open to them; and finding a person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from api.forms import ID
from api.pages.care.addresses import of_needed, of_person
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.work import finding_people
from api.pages.care.work.lists import choices, wording
from plan.known import moment
from plan.model import PersonId
from plan.problem import Problem, Trouble

MOST: Final = 50
"""How many a page shows: more would be a longer page than a slow phone should wait for."""
FILTERS: Final = ("person", "estate", "agency", "by")
NAMELESS: Final = "Somebody whose name you may not see"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One line of the list. `since`, `due`: milliseconds since 1970 UTC. `scheme`: where the person lives."""

    name: str
    person: PersonId
    scheme: str
    severity: str
    words: str
    since: int
    due: int | None
    href: str

    @property
    def plan(self) -> str:
        """The address of the person's plan."""
        return of_person(self.person)


@dataclass(frozen=True, slots=True)
class Group:
    """What stands under one heading: of one person, or all of it (then `name` is empty)."""

    needs: Sequence[Need]
    name: str = ""
    scheme: str = ""
    plan: str = ""


async def show(reader: Reader) -> Response:
    """The list, as far as it was asked for."""
    asked = _asked(reader)
    query = {"agency": asked["agency"]} if asked["agency"] else {}
    found = (await reader.ask("GET", "/v1/attention", query=query)).body["items"]
    wanted = [one for one in found if _fits(one, asked)]
    groups = [_all(wanted)] if asked["by"] == "urgency" else _by_person(wanted)
    ordered = [(group, need) for group in groups for need in group.needs]
    page = paged(reader.request, ordered, MOST)
    return reader.page(
        "care/list.html",
        words=wording(reader),
        now=reader.now,
        groups=_shown(page.items),
        page=page,
        people=len({one["person"] for one in wanted}),
        asked=asked,
        filtered=any(asked[name] for name in ("person", "estate", "agency")),
        persons=choices((one["person"], one.get("name", NAMELESS)) for one in found),
        estates=choices(_estates(found)),
        agencies=await _agencies(reader),
    )


def _asked(reader: Reader) -> dict[str, str]:
    """The filters as they stand in the address. Raises NOT_FOUND for what is no id."""
    said = {name: reader.request.query_params.get(name, "") for name in FILTERS}
    if any(value and not ID.fullmatch(value) for value in said.values()):
        raise Problem(Trouble.NOT_FOUND)
    return said


def _fits(one: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    estate = one.get("place", {}).get("estate", "")
    return asked["person"] in ("", one["person"]) and asked["estate"] in ("", estate)


def _estates(found: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    places = [one["place"] for one in found if "estate" in one.get("place", {})]
    return ((place["estate"], place.get("scheme", place["estate"])) for place in places)


async def _agencies(reader: Reader) -> list[tuple[str, str]]:
    listed = (await reader.ask("GET", "/v1/agencies", query={"limit": "100"})).body["items"]
    return choices((one["id"], one.get("name", one["id"])) for one in listed)


def _all(found: Sequence[Mapping[str, Any]]) -> Group:
    return Group([_need(one) for one in found])


def _by_person(found: Sequence[Mapping[str, Any]]) -> list[Group]:
    """By person, whoever has the most severe of it first."""
    each: dict[str, list[Need]] = {}
    for one in found:
        each.setdefault(one["person"], []).append(_need(one))
    return [Group(some, some[0].name, some[0].scheme, some[0].plan) for some in each.values()]


def _shown(ordered: Sequence[tuple[Group, Need]]) -> list[Group]:
    """The groups of a page, each with what of it the page shows."""
    each: dict[int, tuple[Group, list[Need]]] = {}
    for group, need in ordered:
        each.setdefault(id(group), (group, []))[1].append(need)
    return [Group(some, group.name, group.scheme, group.plan) for group, some in each.values()]


def _need(one: Mapping[str, Any]) -> Need:
    href = of_needed(one)
    return Need(
        name=one.get("name", NAMELESS),
        person=PersonId(one["person"]),
        scheme=one.get("place", {}).get("scheme", ""),
        severity=one["severity"],
        words=one["words"],
        since=moment(one["since"]) or 0,
        due=moment(one.get("due")),
        href=f"{href}?from=list" if one["kind"] == "readiness" else href,
    )


WAYS: tuple[Way, ...] = (Way("/list", show), *finding_people.WAYS)
