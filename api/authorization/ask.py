"""Where an app's request begins: at the authorization endpoint, or in an EHR that launches it.

RFC 6749 section 4.1; SMART App Launch 2.2 "App Launch: EHR launch". The handle of a launch is good for one request.
"""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.authorization.asked import an_object, json_answer, pairs, place
from api.forms import ID
from auth.server import authorize as asking
from auth.server import secrets
from auth.server.authorize import Lost
from auth.server.granted import Launch
from plan.model import EntryId, PersonId
from plan.problem import Problem, Trouble


async def authorize(request: Request) -> Response:
    """To the decision, or back to the app; who is not known stays here, with a sentence."""
    server = door.service_of(request).server
    try:
        address = await asking.ask(server, await pairs(request), place(request))
    except Lost as lost:
        return _stays(str(lost))
    except OAuth2Error as error:
        return _stays(f"The request cannot be read: {error.description}.")
    # 303: the browser goes on with GET, whichever way it came (RFC 9700 section 4.12).
    return Response(status_code=303, headers={"Location": address, "Pragma": "no-cache"})


def _stays(sentence: str) -> Response:
    return Response(f"{sentence}\nGo back, and tell who made the app.\n", 400, media_type="text/plain")


async def launch(request: Request) -> Response:
    """An EHR's user launches an app on the plan that is open: a handle for it, good once, and for that user alone."""
    service = door.service_of(request)
    visit = await door.visit(request, "auth")
    said = await an_object(request)
    patient, encounter = _id(said, "patient"), _id(said, "encounter") if "encounter" in said else None
    banner = said.get("need_patient_banner", True)
    if patient is None or not isinstance(banner, bool):
        raise InvalidRequestError("patient is an id and is needed; need_patient_banner is true or false")
    await service.desk.access(visit, PersonId(patient))
    if encounter is not None:
        found = await service.desk.read(visit, "Encounter", EntryId(encounter))
        if found.person != patient:
            raise Problem(Trouble.NOT_FOUND)
    handle = secrets.made()
    kept = Launch(
        subject=visit.caller.subject,
        agency=visit.caller.agency,
        patient=PersonId(patient),
        encounter=EntryId(encounter) if encounter else None,
        banner=banner,
    )
    server = service.server
    until = server.now() + server.terms.launch * 1000
    await server.storage.put("launch", secrets.hashed(handle), until, kept.model_dump_json())
    return json_answer({"launch": handle, "expires_in": server.terms.launch}, 201)


def _id(said: Any, name: str) -> str | None:
    value = said.get(name)
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise InvalidRequestError(f"{name} is no id")
    return value
