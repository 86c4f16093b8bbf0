"""Reading: how far the caller has read a plan. Their own mark, for nobody else to see; it signs nothing."""

from starlette.requests import Request
from starlette.responses import Response

from api import door, forms
from api.reading import Reading
from api.rest import asked, said
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.changed import Mark
from plan.kinds.types import Form, Moment
from plan.model import Json


class ReadUpTo(Form):
    """Up to where the plan was read: the newest `updated` of what was shown."""

    seen: Moment


async def read(request: Request) -> Response:
    """How far the caller has read; nothing where they have never said."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    return said.view(request, exact.text(_told(await _desk(request).mark(visit, person))))


async def read_on(request: Request) -> Response:
    """The caller has read so far. Said twice it is said once, and nobody reads backwards."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    door.key_of(request, raw)
    forms.checked(ReadUpTo, body, "reading")
    seen = asked.moment(str(body["seen"]), "seen")
    return said.value(_told(await _desk(request).read_on(visit, person, seen)))


def _desk(request: Request) -> Reading:
    return Reading.of(asked.desk_of(request))


def _told(mark: Mark | None) -> dict[str, Json]:
    return {} if mark is None else {"seen": moment(mark.seen), "marked": moment(mark.at)}
