"""Who looked: the access log of a person, newest first, in words that the person understands and in codes beside them.

What may be read by whom is the desk's to say (api/desk_log.py); the words stand in plan/log_words.py.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from api import cursors
from api.rest import asked, said
from db.audited import Wanted
from fhir_facade import exact
from fhir_facade.audit_event import id_of
from fhir_facade.drafts import moment
from plan.audit import Event, Named
from plan.log_words import DOORS, PURPOSES, ROLES, SOMETHING, what
from plan.model import Json

_AMONG = ("purpose", "subject")
"""What events may be asked for by, beside when they were."""
TERMS = ("from", "to", *_AMONG)


async def read(request: Request) -> Response:
    """A page of the log of one person, between two moments where they are given, both within; of one purpose, of one
    who acted.
    """
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, *TERMS, "limit", "cursor")
    before = str(cursors.read(terms["cursor"], {"before": str})["before"]) if "cursor" in terms else ""
    wanted = Wanted(
        person=person,
        since=asked.moment(terms["from"], "from") if "from" in terms else 0,
        until=asked.moment(terms["to"], "to") if "to" in terms else cursors.LAST_MOMENT,
        before=before,
        among={name: (terms[name],) for name in _AMONG if name in terms},
        count=asked.limit(terms),
    )
    log = await asked.desk_of(request).log(visit, wanted)
    following = cursors.made(before=log.events[-1].id) if log.more else None
    listed = said.items((exact.text(_told(event, log.names)) for event in log.events), following)
    return Response(listed, said.OK, media_type=asked.JSON)


def _told(event: Event, names: Mapping[str, Named]) -> dict[str, Json]:
    return {
        "id": id_of(event),
        "at": moment(event.at),
        "who": _who(event, names),
        "what": what(event.action, event.type, event.sections, event.question, allowed=event.allowed),
        "why": PURPOSES.get(event.purpose, event.purpose),
        "by": DOORS.get(event.door, event.door),
        "request": event.request,
        "codes": _codes(event),
    }


def _who(event: Event, names: Mapping[str, Named]) -> dict[str, Json]:
    """Name and agency where the directory knows them; the role in words."""
    worker, agency = names.get(event.subject), names.get(event.agency)
    told = {
        "name": worker.name if worker else "",
        "role": ROLES.get(event.role, event.role),
        "agency": agency.name if agency else event.agency,
    }
    return {name: value for name, value in told.items() if value}


def _codes(event: Event) -> dict[str, Json]:
    told = {
        "subject": event.subject,
        "role": event.role,
        "agency": event.agency,
        "client": event.client,
        "purpose": event.purpose,
        "door": event.door,
        "type": event.type,
        "target": event.target,
        "question": event.question,
    }
    given: dict[str, Json] = {name: value for name, value in told.items() if value}
    always = {
        "action": event.action,
        "sections": [name for name in event.sections if name != SOMETHING],
        "allowed": event.allowed,
    }
    return {**always, **given, "charter": event.charter}
