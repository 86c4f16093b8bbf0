"""Every address of the REST door, one row each: what it does, who does it, and how it is described.

The routes are FastAPI's, for the description that is made of them. The handlers take the request and give ready bytes,
so nothing of FastAPI's own reading and writing stands between.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import door
from api.rest import (
    access_log,
    consents,
    directory,
    entries,
    feed,
    health,
    leave,
    overrides,
    people,
    plans,
    reading,
    signing,
    team,
    versions,
)
from api.rest.asked import spot_of
from api.rest.coordination import coordination
from api.rest.entries import Handler
from api.rest.ways import PAGE, PEOPLE, PERSON, Way
from api.rest.ways import shelf as shelf_of
from api.rest.words import Words, operation

PLAN = f"{PERSON}/plan"
SECTION = f"{PLAN}/sections/{{section}}"
SHELF = f"{SECTION}/{{kind}}"
ENTRY = f"{SHELF}/{{entry}}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
OTHER = ("agency", "role", "subject", "purpose")
"""Of whom an auditor asks what they may do."""


class Direct(APIRoute):
    """A route whose endpoint is called with the request and nothing else."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self.app = _direct(endpoint)


def router(*more: Way) -> APIRouter:
    """All routes; of every address the methods that it has not answer 405, and HEAD is GET without its body."""
    made = APIRouter(route_class=Direct, redirect_slashes=False)
    by_path: dict[str, dict[str, Handler]] = {}
    for way in (*_ways(), *more):
        handler = _open(way.handler) if way.words.open else way.handler
        by_path.setdefault(way.path, {})[way.method] = handler
        made.add_api_route(
            way.path,
            handler,
            methods=[way.method],
            response_class=Response,
            status_code=way.words.status,
            operation_id=way.words.name,
            summary=way.words.summary,
            description="",
            tags=[way.words.tag],
            openapi_extra=operation(way.path, way.words),
        )
    for path, handlers in by_path.items():
        rest = [method for method in METHODS if method not in handlers]
        made.add_api_route(path, _others(handlers), methods=rest, include_in_schema=False)
    return made


def _direct(endpoint: Handler) -> Callable[[Scope, Receive, Send], Any]:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await endpoint(Request(scope, receive))
        await answer(scope, receive, send)

    return serve


def _open(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        door.open_to_all(request)
        return await handler(request)

    return answer


def _others(handlers: dict[str, Handler]) -> Handler:
    allowed = [method for method in METHODS if method in handlers or (method == "HEAD" and "GET" in handlers)]

    async def other(request: Request) -> Response:
        if request.method == "HEAD" and "GET" in handlers:
            return await handlers["GET"](request)
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})

    return other


def _ways() -> tuple[Way, ...]:
    """What is asked most stands first."""
    return (
        *_plan(),
        *_entry(),
        *_people(),
        *_frame(),
        *_shorthand(),
        *coordination(),
        *_overrides(),
        *_directory(),
        *_health(),
    )


def _plan() -> tuple[Way, ...]:
    whole = Words(
        name="read_plan", summary="The whole plan in one call", tag="plan", answer="Plan", query=("at",), known=True
    )
    listed = Words(name="list_sections", summary="The sections", tag="plan", answer="Sections", known=True)
    one = Words(
        name="read_section", summary="One section with its entries", tag="plan", answer="SectionView", known=True
    )
    amend = Words(
        name="amend_section",
        summary="Change what a section says of itself",
        tag="plan",
        answer="Section",
        body="Section",
        changes=True,
        reasoned=True,
        keyed=True,
    )
    between = Words(
        name="compare_plan",
        summary="What differs between a plan at two moments",
        tag="history",
        answer="PlanDifference",
        query=("from", "to"),
    )
    return (
        Way("GET", PLAN, plans.whole, whole),
        Way("GET", f"{PLAN}/sections", plans.sections, listed),
        Way("GET", SECTION, plans.section, one),
        Way("PUT", SECTION, plans.amend_section, amend),
        Way("GET", f"{PLAN}/diff", versions.between, between),
    )


def _entry() -> tuple[Way, ...]:
    versions_of = Words(
        name="list_versions", summary="How it came to be so", tag="history", answer="Versions", query=PAGE, known=True
    )
    version = Words(name="read_version", summary="One version", tag="history", answer="Entry", known=True)
    compare = Words(
        name="compare_versions",
        summary="What differs between two versions",
        tag="history",
        answer="Difference",
        query=("from", "to"),
    )
    return (
        *shelf_of(SHELF, spot_of, "entries", "entry", "Entry"),
        Way("GET", f"{ENTRY}/versions", versions.listing, versions_of),
        Way("GET", f"{ENTRY}/versions/{{version}}", versions.one, version),
        Way("GET", f"{ENTRY}/diff", versions.difference, compare),
    )


def _people() -> tuple[Way, ...]:
    filters = ("identifier", "nhs_number", "name", "birth_date", *PAGE)
    find = Words(name="search_people", summary="Find people", tag="people", answer="People", query=filters, known=True)
    begin = Words(
        name="create_person",
        summary="Begin a plan with a new person",
        tag="people",
        answer="Person",
        body="Person",
        status=201,
        keyed=True,
    )
    read = Words(name="read_person", summary="One person", tag="people", answer="Person", known=True)
    update = Words(
        name="replace_person",
        summary="Change who a person is",
        tag="people",
        answer="Person",
        body="Person",
        changes=True,
        reasoned=True,
        keyed=True,
    )
    return (
        Way("GET", PEOPLE, people.search, find),
        Way("POST", PEOPLE, people.create, begin),
        Way("GET", PERSON, people.read, read),
        Way("PUT", PERSON, people.update, update),
    )


def _frame() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, tag: str = "team", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag=tag, answer=answer, **more)

    member = f"{PERSON}/team/{{member}}"
    join = words("join_team", "An agency joins", "Member", body="Joining", status=201, keyed=True)
    past = words("read_history", "What changed since the beginning", "History", "history", query=PAGE, known=True)
    so_far = words("read_reading", "How far the caller has read", "Reading", "history", known=True)
    what = "The caller has read so far; it signs nothing"
    on = words("mark_as_read", what, "Reading", "history", body="ReadUpTo", keyed=True)
    log = words("read_access_log", "Who looked", "AccessLog", "access", query=(*access_log.TERMS, *PAGE))
    since = words("read_changes", "What changed since", "Changes", "history", query=("since", "limit"), known=True)
    return (
        Way("GET", f"{PERSON}/history", feed.history, past),
        Way("GET", f"{PERSON}/changes", feed.changes, since),
        Way("GET", f"{PERSON}/reading", reading.read, so_far),
        Way("PUT", f"{PERSON}/reading", reading.read_on, on),
        Way(
            "GET",
            f"{PERSON}/access",
            leave.read,
            words("read_access", "What may I do here, and why", "Leave", "access", query=OTHER),
        ),
        Way("GET", f"{PERSON}/access-log", access_log.read, log),
        Way("GET", f"{PERSON}/team", team.read, words("read_team", "The team", "Team", known=True)),
        Way("POST", f"{PERSON}/team", team.join, join),
        Way("GET", member, team.member, words("read_member", "One membership", "Member")),
        Way("DELETE", member, team.leave, words("leave_team", "A membership ends", "", status=204, keyed=True)),
    )


def _shorthand() -> tuple[Way, ...]:
    stay, message, consent = (entries.at_home(kind) for kind in ("stay", "message", "consent"))
    review = entries.at_home("review")
    what = "Sign several sections off, each in the version that was read: all of them, or none"
    together = Words(
        name="sign_sections",
        summary=what,
        tag="reviews",
        answer="SignedOff",
        body="SigningOff",
        status=201,
        versions=True,
        keyed=True,
    )
    return (
        Way("POST", f"{PLAN}/sign-offs", signing.sign, together),
        *shelf_of(f"{PERSON}/stays", stay, "stays", "stay", "Stay"),
        *shelf_of(f"{PERSON}/messages", message, "messages", "message", "Message", ("section",))[1:],
        *shelf_of(f"{PERSON}/consents", consent, "consents", "consent", "Consent"),
        *shelf_of(f"{PERSON}/reviews", review, "reviews", "review", "Review", ("section",)),
    )


def _overrides() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str = "", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="access", answer=answer, **more)

    shelf, one = overrides.SHELF, f"{overrides.SHELF}/{{override}}"
    what = "Open a plan without a relationship, for an hour at most"
    begin = words("open_override", what, "Opened", body="Opening", status=201, keyed=True)
    queue = words("list_overrides", "The review queue, oldest first", "Overrides", query=("state", *PAGE), known=True)
    judge = words("review_override", "What looking into it came to", "Override", body="Reviewing", keyed=True)
    past = words("read_consent_history", "How consents came to be", "ConsentHistory", query=PAGE, known=True)
    return (
        Way("POST", shelf, overrides.open_, begin),
        Way("GET", shelf, overrides.listing, queue),
        Way("GET", one, overrides.read, words("read_override", "One override", "Override", known=True)),
        Way("DELETE", one, overrides.end, words("end_override", "It ends now", status=204, keyed=True)),
        Way("POST", f"{one}/review", overrides.review, judge),
        Way("GET", f"{PERSON}/consent-history", consents.read, past),
    )


def _directory() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, query: tuple[str, ...] = ()) -> Words:
        return Words(name=name, summary=summary, tag="directory", answer=answer, query=query, known=True)

    agencies, workers = words("list_agencies", "Agencies", "Directory", ("name", *PAGE)), ("agency", *PAGE)
    return (
        Way("GET", "/v1/agencies", directory.listing(directory.AGENCY), agencies),
        Way(
            "GET",
            "/v1/agencies/{entry}",
            directory.reading(directory.AGENCY),
            words("read_agency", "One agency", "Record"),
        ),
        Way(
            "GET",
            "/v1/workers",
            directory.listing(directory.WORKER),
            words("list_workers", "Workers in their roles", "Directory", workers),
        ),
        Way(
            "GET",
            "/v1/workers/{entry}",
            directory.reading(directory.WORKER),
            words("read_worker", "One worker", "Record"),
        ),
    )


def _health() -> tuple[Way, ...]:
    alive = Words(name="alive", summary="The process answers", tag="service", answer="Status", open=True)
    ready = Words(name="ready", summary="The service can work", tag="service", answer="Status", open=True)
    return (Way("GET", "/livez", health.alive, alive), Way("GET", "/readyz", health.ready, ready))
