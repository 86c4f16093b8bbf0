"""The discharge board: everybody who is to leave hospital, by ward, by estate, or by what waits for one's own agency.

The lines are the API's (api/rest/discharges.py); here they are put under headings. One discharge, its items and its
decisions have files of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_item, of_stay
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import Wording
from api.pages.care.work import answering_item, leaving, one_discharge
from api.pages.care.work.discharge_saying import GATES, Sign, countdown, day, gate_word
from api.pages.care.work.lists import wording
from plan.known import moment
from plan.model import PersonId, Role
from plan.problem import Problem, Trouble

MOST: Final = 40
"""How many a page shows."""
NAMED: Final = 3
"""How many of our own open items a line names; its page shows the rest."""
PAGES: Final = 5
"""How many pages of the API are looked through for what waits for one agency."""
VIEWS: Final = (
    ("hospital", "By ward"),
    ("estate", "By home"),
    ("agency", "Waits for us"),
)
FIRST: Final[Mapping[Role, str]] = {
    Role.HOUSING_OFFICER: "estate",
    Role.SOCIAL_WORKER: "agency",
    Role.CARE_PROVIDER: "agency",
    Role.BENEFITS_ADVISER: "agency",
}
"""Which view a role needs first; the others: by hospital."""
NAMELESS: Final = "Somebody whose name you may not see"
ELSEWHERE: Final = "Another home, or one that you may not see"
_SHORT: Final[Mapping[str, str]] = {"blocked": "blocked", "stale": "confirm again", "open": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One discharge as the board shows it. Moments in milliseconds since 1970 UTC.

    `waiting`: agencies with how many items each has open. `ours`: titles and addresses of our own.
    """

    name: str
    href: str
    where: str
    under: str
    planned: str
    leaves: str
    short: bool
    sign: Sign
    waiting: Sequence[tuple[str, int]]
    ours: Sequence[tuple[str, str, str]]
    next: int | None


async def show(reader: Reader) -> Response:
    """A page of the board."""
    said = reader.request.query_params
    view = said.get("view") or FIRST.get(reader.role, "hospital")
    if view not in dict(VIEWS):
        raise Problem(Trouble.NOT_FOUND)
    found, following = await _lines(reader, view, said.get("cursor", ""))
    words, agency = wording(reader), str(reader.account.agency)
    rows = [_row(words, view, agency, one) for one in found]
    return reader.page(
        "care/board.html",
        words=words,
        now=reader.now,
        view=view,
        named=NAMED,
        views=[(f"?view={name}", text, name == view) for name, text in VIEWS],
        groups=_groups(rows),
        count=len(rows),
        following=following,
        is_first=not said.get("cursor"),
    )


async def _lines(reader: Reader, view: str, cursor: str) -> tuple[list[Mapping[str, Any]], str]:
    """The lines of a page, and where it ended when more follow. What waits for one agency is looked for further."""
    found: list[Mapping[str, Any]] = []
    query = {"limit": str(MOST)} | ({"agency": str(reader.account.agency)} if view == "agency" else {})
    for _ in range(PAGES):
        answer = await reader.ask("GET", "/v1/discharges", query=query | ({"cursor": cursor} if cursor else {}))
        found += answer.body["items"]
        cursor = answer.body.get("next", "")
        if not cursor or found:
            break
    return found, cursor


def _groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows under their headings, both in the order of time; what has no heading last."""
    each: dict[str, list[Row]] = {}
    for row in rows:
        each.setdefault(row.under, []).append(row)
    return sorted(each.items(), key=lambda one: (one[0] == ELSEWHERE, one[0]))


def _row(words: Wording, view: str, agency: str, one: Mapping[str, Any]) -> Row:
    person, stay = PersonId(one["person"]), one["stay"]
    ward = one.get("ward", "")
    ward = f"Ward {ward}" if ward and "ward" not in ward.lower() else ward
    scheme = one.get("place", {}).get("scheme", "")
    hospital = ", ".join(filter(None, (one["hospital_name"], ward)))
    return Row(
        name=one.get("name") or NAMELESS,
        href=of_stay(person, stay),
        where=scheme if view == "hospital" else hospital,
        under={"hospital": hospital, "estate": scheme or ELSEWHERE, "agency": ""}[view],
        planned=day(words, one["planned_discharge"]),
        leaves=countdown(words.known.now, moment(one["planned_discharge"]) or 0),
        short=one["short_notice"],
        sign=GATES[gate_word(one["gate"], one["reasons"])],
        waiting=[(some["name"], len(some["items"])) for some in one["waiting_for"]],
        ours=_ours(person, stay, agency, one) if view == "agency" else (),
        next=moment(one.get("next_deadline")),
    )


def _ours(person: PersonId, stay: str, agency: str, one: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What waits for the reader's own agency: title, address, and how it stands where it is not just open."""
    mine = [item for some in one["waiting_for"] if some["agency"] == agency for item in some["items"]]
    return [
        (
            item["title"],
            of_item(person, stay, item["task"].partition("/")[2]) if "task" in item else "",
            _SHORT[item["state"]],
        )
        for item in mine
    ]


WAYS: tuple[Way, ...] = (
    Way("/discharges", show),
    *one_discharge.WAYS,
    *answering_item.WAYS,
    *leaving.WAYS,
)
