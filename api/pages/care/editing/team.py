"""The team of a plan: who works with this person, since when, and how each agency is reached; joining and leaving.

A place on the team is what lets an agency see the plan at all, so who adds one and who ends one is asked by the desk.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api import forms
from api.pages.care.addresses import of_person
from api.pages.care.editing.entries import leave_of
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import Wording, sentence
from plan.known import AGENCY_KINDS, Agency, Known, Opening, moment
from plan.model import AgencyId
from plan.problem import Problem, Trouble

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_USES: Final = {"team": "Messages", "duty": "Out of hours", "escalation": "If nobody answers", "emergency": "At once"}
"""What the contact points of plan.known.CONTACTS are called here."""
_FOUND: Final = 20
_CARER: Final = "user:"


class Member(NamedTuple):
    """One place on the team. `ends`: the id by which it can be ended, empty where the reader may not."""

    name: str
    what: str
    role: str
    since: int | None
    until: int | None
    hours: list[str]
    contacts: list[tuple[str, str]]
    secret: bool
    ends: str


async def show(reader: Reader) -> Response:
    """The team, and with `?find=` the agencies that could join."""
    known = await reader.known()
    return await _page(reader, known, Form(values={"find": reader.request.query_params.get("find", "")}))


async def send(reader: Reader, form: Form) -> Response:
    """An agency joins, or a membership ends."""
    known = await reader.known()
    at, to = f"/v1/people/{known.person}/team", f"{of_person(known.person)}/team"
    ends = form.text("ends")
    if ends and not forms.ID.fullmatch(ends):
        raise Problem(Trouble.NOT_FOUND)
    agency = "" if ends else form.need("agency", "Choose the agency that joins.")
    try:
        if ends:
            await reader.ask("DELETE", f"{at}/{ends}", key=form.key)
            return reader.go(to, done="The membership has ended. It stays in the history of the plan.")
        if agency:
            role = form.text("role")
            body = {"agency": agency} | ({"role": role} if role else {})
            await reader.ask("POST", at, body, key=form.key)
            return reader.go(to, done="The agency is on the team now, and sees what its role may see.")
    except Problem as problem:
        form.blame(problem, {"agency": "agency", "role": "role"})
    return await _page(reader, known, form)


async def _page(reader: Reader, known: Known, form: Form) -> Response:
    leave = await leave_of(reader)
    write = leave["frame"]["write"]
    members = list(_members(reader.wording(known), write, reader.account.agency))
    there = {str(place.party) for place in known.team if known.stands(place)}
    find = form.text("find")
    found = await _find(reader, find) if find and write != "none" else []
    return reader.page(
        "care/team.html",
        known,
        form=form,
        members=[one for one in members if one.until is None or one.until > known.now],
        earlier=[one for one in members if one.until is not None and one.until <= known.now],
        writes=write != "none",
        find=find,
        found=[(id_, name) for id_, name in found if id_ not in there],
    )


async def _find(reader: Reader, name: str) -> list[tuple[str, str]]:
    """Agencies of the directory by parts of their names: id and name."""
    query = {"name": name[:100], "limit": str(_FOUND)}
    told = (await reader.ask("GET", "/v1/agencies", query=query)).body
    return [(str(one["id"]), str(one.get("title") or one["id"])) for one in told["items"]]


def _members(words: Wording, write: str, own: str) -> Iterable[Member]:
    """Every place that this reader may know of, those of restricted teams too."""
    for team in words.known.of("team"):
        for said in team.body.get("members", ()):
            yield _member(words, said, secret=team.restriction is not None, write=write, own=own)


def _member(words: Wording, said: Mapping[str, Any], *, secret: bool, write: str, own: str) -> Member:
    party = str(said.get("agency", ""))
    agency = words.known.agencies.get(AgencyId(party))
    until = moment(said.get("until"))
    ends = write == "any" or (write == "own" and party == own)
    return Member(
        name=str(said.get("name") or "") or _name(words, party),
        what=AGENCY_KINDS.get(agency.kind, "") if agency else "Carer" if party.startswith(_CARER) else "",
        role=sentence(str(said.get("role", ""))),
        since=moment(said.get("since")),
        until=until,
        hours=_hours(agency),
        contacts=_contacts(agency),
        secret=secret,
        ends=str(said.get("id", "")) if ends and until is None else "",
    )


def _name(words: Wording, party: str) -> str:
    """An agency by its name, a carer as the plan's contacts call them."""
    if not party.startswith(_CARER):
        return words.agency(party)
    subject = party.removeprefix(_CARER)
    named = (str(one.body["name"]) for one in words.known.of("contact") if one.body.get("subject") == subject)
    return next(named, "A carer")


def _hours(agency: Agency | None) -> list[str]:
    """When the team of an agency works, a line each."""
    if agency is None or agency.hours is None:
        return []
    return [f"{_days(one)}: {_clock(one.start)} to {_clock(one.end)}" for one in agency.hours]


def _days(opening: Opening) -> str:
    days = sorted(opening.days)
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):  # noqa: PLR2004 - two are named each
        return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
    return ", ".join(_DAYS[day] for day in days)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _contacts(agency: Agency | None) -> list[tuple[str, str]]:
    """What each contact point is for, and how it is reached."""
    held = agency.contacts if agency else {}
    rows = ((_USES[use], held[use]) for use in _USES if use in held)
    said = ((what, ", ".join(filter(None, (one.phone, one.email)))) for what, one in rows)
    return [(what, how) for what, how in said if how]


WAYS: tuple[Way, ...] = (Way("/people/{person}/team", show, send),)
