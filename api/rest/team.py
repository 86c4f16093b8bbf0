"""The team of a plan: which agencies are on it, from when until when. Membership is what gives leave at all."""

from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from api import door, forms
from api.rest import asked, said
from db.relations import Member
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.kinds.types import Form, Line
from plan.model import Json
from plan.problem import Problem, Trouble

TEAM = "team"
DirectoryId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,64}$")]


class Joining(Form):
    """An agency that joins, by its id in the directory; `worker` is a PractitionerRole there.

    `restricted_to`: only these agencies, and its own and the caller's, may know of it.
    """

    agency: DirectoryId
    role: Line | None = None
    worker: DirectoryId | None = None
    restricted_to: Annotated[list[DirectoryId], Field(max_length=50)] | None = None


async def read(request: Request) -> Response:
    """The team as it stands, with those who have left it."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    found = await asked.desk_of(request).kind(visit, person, TEAM, None)
    if not found:
        raise Problem(Trouble.NOT_FOUND)
    return said.entry(request, found[0])


async def member(request: Request) -> Response:
    """One membership."""
    visit, person, id_ = await asked.visit_of(request), asked.person_of(request), asked.id_of(request, "member")
    asked.terms(request)
    for team in await asked.desk_of(request).kind(visit, person, TEAM, None):
        for one in exact.stored(team.body).get("members", ()):
            if one["id"] == id_:
                return said.value(one)
    raise Problem(Trouble.NOT_FOUND)


async def join(request: Request) -> Response:
    """An agency joins. One that is there already is answered as it is: doing it twice is doing it once."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    door.key_of(request, raw)
    form = forms.checked(Joining, body, "member")
    agency, role, worker = (str(form.get(name, "")) for name in ("agency", "role", "worker"))
    known_to = form.get("restricted_to")
    one = await asked.desk_of(request).add_member(visit, person, agency, role, worker, known_to)
    return said.value(_told(one), said.CREATED, {"Location": f"{request.url.path}/{one.id}"})


async def leave(request: Request) -> Response:
    """A membership ends; it stays in the team's history. Ending it twice is ending it once."""
    visit, person, id_ = await asked.visit_of(request), asked.person_of(request), asked.id_of(request, "member")
    asked.terms(request)
    door.key_of(request, b"")
    await asked.desk_of(request).end_member(visit, person, id_)
    return Response(None, said.NO_CONTENT)


def _told(one: Member) -> dict[str, Json]:
    told = {
        "id": one.id,
        "agency": one.party,
        "role": one.role,
        "worker": one.worker,
        "basis": one.basis,
        "since": moment(one.since),
        "until": moment(one.until) if one.until else "",
    }
    return {name: value for name, value in told.items() if value}
