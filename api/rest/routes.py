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

from api import door, stays_asked
from api.rest import (
    access_log,
    attention,
    consents,
    directory,
    discharges,
    entries,
    feed,
    findings,
    health,
    leave,
    measures,
    messages,
    overrides,
    people,
    plans,
    readiness,
    referrals,
    stays,
    team,
    versions,
    webhooks,
)
from api.rest.asked import spot_of
from api.rest.entries import Handler
from api.rest.ways import Way
from api.rest.ways import shelf as shelf_of
from api.rest.words import Words, operation

PEOPLE = "/v1/people"
PERSON = f"{PEOPLE}/{{person}}"
PLAN = f"{PERSON}/plan"
SECTION = f"{PLAN}/sections/{{section}}"
SHELF = f"{SECTION}/{{kind}}"
ENTRY = f"{SHELF}/{{entry}}"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
PAGE = ("limit", "cursor")
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
        *_stays(),
        *_attention(),
        *_findings(),
        *_overrides(),
        *_webhooks(),
        *_directory(),
        *_measures(),
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
    log = words("read_access_log", "Who looked", "AccessLog", "access", query=("from", "to", *PAGE))
    since = words("read_changes", "What changed since", "Changes", "history", query=("since", "limit"), known=True)
    return (
        Way("GET", f"{PERSON}/history", feed.history, past),
        Way("GET", f"{PERSON}/changes", feed.changes, since),
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
    return (
        *shelf_of(f"{PERSON}/stays", stay, "stays", "stay", "Stay"),
        *_messages(f"{PERSON}/messages"),
        *shelf_of(f"{PERSON}/messages", message, "messages", "message", "Message", ("section",))[1:],
        *shelf_of(f"{PERSON}/consents", consent, "consents", "consent", "Consent"),
        *shelf_of(f"{PERSON}/reviews", review, "reviews", "review", "Review", ("section",)),
        *_referrals(),
    )


def _referrals() -> tuple[Way, ...]:
    shelf = f"{PERSON}/referrals"
    ways = shelf_of(shelf, entries.at_home("referral"), "referrals", "referral", "Referral", ("section",))
    what = "It moves on: accepted, refused with a reason, done"
    words = Words(name="answer_referral", summary=what, tag="referrals", answer="Action", body="Moving", keyed=True)
    asking = [way._replace(handler=referrals.create) if way.method == "POST" else way for way in ways]
    return (*asking, Way("POST", f"{shelf}/{{entry}}/answer", referrals.answer, words))


def _stays() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="stays", answer=answer, **more)

    send = words(
        "send_stay_events",
        "What a hospital's feed says, one event or a list",
        "TakenEvents",
        body="StayEvents",
        keyed=True,
    )
    find = words("search_stays", "Find stays", "StaysFound", query=(*stays_asked.TERMS, *PAGE), known=True)
    board = words(
        "list_discharges", "Who is to leave hospital", "Discharges", query=(*discharges.TERMS, *PAGE), known=True
    )
    return (
        Way("POST", f"{stays.SHELF}/events", stays.events, send),
        Way("GET", stays.SHELF, stays.search, find),
        Way("GET", discharges.SHELF, discharges.board, board),
    )


def _findings() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="findings", answer=answer, **more)

    shelf = f"{PERSON}/findings"
    listed = words("list_findings", "What contradicts, and what no rule could read", "Findings", known=True)
    settle = words("resolve_finding", "Settle a contradiction", "Finding", body="Settling", changes=True, keyed=True)
    one = entries.reading(entries.at_home("finding"))
    return (
        Way("GET", shelf, findings.listing, listed),
        Way("GET", f"{shelf}/{{entry}}", one, words("read_finding", "One of them", "Finding", known=True)),
        Way("POST", f"{shelf}/{{entry}}/resolution", findings.resolve, settle),
        *(Way(*row) for row in readiness.ROWS),
    )


def _messages(shelf: str) -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str = "Ask", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="messages", answer=answer, **more)

    one, what = f"{shelf}/{{entry}}", "All of them, oldest first, and how far what they ask has come"
    listed = words("list_messages", what, "Messages", query=("section",), known=True)
    answer = words("answer_message", "What came of it", "Message", body="Answering", status=201, keyed=True)
    understood = words("understand_answer", "Its sender has understood the answer", "Message", keyed=True)
    return (
        Way("GET", shelf, messages.listing, listed),
        Way("GET", f"{one}/thread", messages.thread, words("read_thread", "How far it has come", known=True)),
        Way("POST", f"{one}/seen", messages.seen, words("see_message", "Seen, not acknowledged", keyed=True)),
        Way("POST", f"{one}/acknowledge", messages.acknowledge, words("take_on_message", "Taken on", keyed=True)),
        Way("POST", f"{one}/answer", messages.answer, answer),
        Way("POST", f"{one}/understood", messages.understood, understood),
    )


def _attention() -> tuple[Way, ...]:
    what, terms = "What needs the caller now, the most severe and the oldest first", ("person", "agency", "estate")
    words = Words(name="read_attention", summary=what, tag="attention", answer="Attention", query=terms, known=True)
    return (Way("GET", attention.SHELF, attention.read, words),)


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


def _webhooks() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str = "", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="webhooks", answer=answer, **more)

    shelf, one = webhooks.SHELF, f"{webhooks.SHELF}/{{webhook}}"
    make = words("create_webhook", "Be told of what happens", "StoredWebhook", body="Webhook", status=201, keyed=True)
    change: dict[str, Any] = {"body": "Webhook", "changes": True, "keyed": True}
    again = words("replay_webhook", "Send again", "Replayed", body="Replay", keyed=True)
    return (
        Way("POST", shelf, webhooks.create, make),
        Way("GET", shelf, webhooks.listing, words("list_webhooks", "The caller's webhooks", "Webhooks", known=True)),
        Way("GET", one, webhooks.read, words("read_webhook", "One webhook", "StoredWebhook")),
        Way("PUT", one, webhooks.update, words("replace_webhook", "Change one", "StoredWebhook", **change)),
        Way("DELETE", one, webhooks.delete, words("delete_webhook", "End one", status=204, changes=True, keyed=True)),
        Way(
            "POST",
            f"{one}/rotate-secret",
            webhooks.rotate,
            words("rotate_secret", "A new secret", "Rotated", keyed=True),
        ),
        Way("POST", f"{one}/test", webhooks.test, words("test_webhook", "Try it now", "Answered", keyed=True)),
        Way(
            "GET",
            f"{one}/deliveries",
            webhooks.deliveries,
            words("list_deliveries", "What was sent, and what came of it", "Deliveries", query=PAGE, known=True),
        ),
        Way("POST", f"{one}/replay", webhooks.replay, again),
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


def _measures() -> tuple[Way, ...]:
    what = "How people fared, as JSON, or as CSV for `Accept: text/csv`"
    return (
        Way(
            "GET",
            "/v1/measures",
            measures.read,
            Words(
                name="read_measures", summary=what, tag="measures", answer="Measures", query=measures.QUERY, known=True
            ),
        ),
    )


def _health() -> tuple[Way, ...]:
    alive = Words(name="alive", summary="The process answers", tag="service", answer="Status", open=True)
    ready = Words(name="ready", summary="The service can work", tag="service", answer="Status", open=True)
    return (Way("GET", "/livez", health.alive, alive), Way("GET", "/readyz", health.Readiness().read, ready))
