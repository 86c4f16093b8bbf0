"""CDS Hooks 2.0: a record system asks, when a patient is opened, whether their plan needs somebody; one card at most.

A card holds counts and severities and a link that launches the pages. That there is no plan, that there is one which
the asking agency may not see, and that nothing needs anybody are one and the same answer: no card.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Scope

from api import attending, door, people_matched
from api.answers import problem_json
from api.deeds import Visit
from api.fhir_asked import base_of
from api.forms import ID
from auth.issuers import bad_token
from auth.server import secrets
from auth.sign_in.cds_clients import Shown, counting
from auth.sign_in.patients import whom
from fhir_facade import exact
from fhir_facade.versions import R4
from plan.cards import card
from plan.model import PersonId
from plan.problem import Fault, Path, Problem, Trouble

PREFIX: Final = "/cds-services"
SERVICE: Final = "oneplan-patient-view"
HOOK: Final = "patient-view"
LAUNCH: Final = "/care/launch"
MOST: Final = 256 * 1024
"""The largest body that is taken, in bytes: a Patient with a picture comes along."""
DOOR: Final = "cds"
DESCRIBED: Final = {
    "services": [
        {
            "hook": HOOK,
            "id": SERVICE,
            "title": "What a person's care plan needs",
            "description": "How many concerns of social care, contradictions and other things wait for somebody in the"
            " care plan that all agencies share, and a link to it. No content of the plan.",
            "prefetch": {"patient": "Patient/{{context.patientId}}"},
        }
    ]
}


def app() -> Router:
    """The addresses."""
    return Router(ROUTES, redirect_slashes=False)


def words(problem: Problem, scope: Scope) -> Response:
    """A problem as a record system reads it."""
    return problem_json(problem, scope["request_id"])


async def services(request: Request) -> Response:
    """What there is: the same for everybody."""
    door.open_to_all(request)
    return _json(DESCRIBED)


async def patient_view(request: Request) -> Response:
    """A patient was opened: one card, or none. Raises Problem for what is not as CDS Hooks has it."""
    service = door.service_of(request)
    origin = base_of(request, service.settings, R4).removesuffix(R4.prefix)
    shown = await _client(request, f"{origin}{PREFIX}/{SERVICE}")
    visit = Visit(caller=counting(shown), door=DOOR, request=request.scope["request_id"])
    request.scope["visit"] = visit
    said = await _said(request, shown)
    patient = said["context"]["patientId"]
    person = await people_matched.matched(service.desk, visit, whom(said["prefetch"]["patient"], patient))
    return _json({"cards": await _cards(request, visit, person, origin)})


async def _client(request: Request, address: str) -> Shown:
    """The record system that asks, its token used up."""
    service = door.service_of(request)
    header = request.headers.get("authorization")
    shown = await service.sign_in.cds_clients.shown(header, address, service.sign_in.now())
    if not await service.server.storage.put("cds", secrets.hashed(shown.id), shown.until, ""):
        raise bad_token("The token was used before (jti).")
    return shown


async def _said(request: Request, shown: Shown) -> Mapping[str, Any]:
    """The request, with all that is needed of it in its place. What it says of its own token (fhirAuthorization) is
    passed over: nothing is fetched.
    """
    said = exact.loads(await door.body(request, ("application/json",), MOST))
    if not isinstance(said, dict):
        raise Problem(Trouble.INVALID, "The body is no JSON object.")
    if said.get("hook") != HOOK:
        raise _wrong(("hook",), f"this service is for {HOOK}")
    if not isinstance(said.get("hookInstance"), str) or not said["hookInstance"]:
        raise _wrong(("hookInstance",), "every call has an id", Trouble.REQUIRED)
    server = said.get("fhirServer", shown.ehr.iss)
    if not isinstance(server, str) or server.rstrip("/") != shown.ehr.base:
        raise _wrong(("fhirServer",), "it is not the FHIR server that this record system has here")
    context, prefetch = said.get("context"), said.get("prefetch")
    patient = context.get("patientId") if isinstance(context, dict) else None
    if not isinstance(patient, str) or not ID.fullmatch(patient):
        raise _wrong(("context", "patientId"), "it is no id", Trouble.REQUIRED)
    along = prefetch.get("patient") if isinstance(prefetch, dict) else None
    if not isinstance(along, dict):
        raise _wrong(("prefetch", "patient"), "the Patient has to come along", Trouble.NOT_SENT)
    if along.get("resourceType") != "Patient" or along.get("id") != patient:
        raise _wrong(("prefetch", "patient", "id"), "it is not the Patient that the context names")
    return said


def _wrong(where: Path, what: str, trouble: Trouble = Trouble.BAD_VALUE) -> Problem:
    return Problem(trouble, "", (Fault(what, where),))


async def _cards(request: Request, visit: Visit, person: PersonId | None, origin: str) -> list[dict[str, Any]]:
    if person is None:
        return []
    items = await attending.board(door.service_of(request).desk, visit, person, None)
    made = card((str(item["kind"]), str(item["severity"])) for item in items)
    if made is None:
        return []
    return [
        {
            "summary": made.summary,
            "indicator": made.indicator,
            "detail": made.detail,
            "source": {"label": "Oneplan", "url": origin},
            "links": [{"label": "Open the care plan", "url": f"{origin}{LAUNCH}", "type": "smart"}],
        }
    ]


def _json(said: Mapping[str, Any]) -> Response:
    return Response(exact.dumps(dict(said)), media_type="application/json")


ROUTES = (
    Route(PREFIX, services, methods=["GET"]),
    Route(f"{PREFIX}/{SERVICE}", patient_view, methods=["POST"]),
)
"""Every address and what it does."""
