"""Webhooks: where a partner app is told that something happened, and what became of each message."""

from starlette.requests import Request
from starlette.responses import Response

from api import cursors, door, webhook_forms
from api.rest import asked, said
from api.webhooks import Webhooks
from fhir_facade import exact

SHELF = "/v1/webhooks"
_CURSOR = {"number": int}
_LAST = 10**15


async def create(request: Request) -> Response:
    """A new webhook, and its secret this once."""
    desk = await _desk(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    done = await desk.create(body, door.key_of(request, raw))
    shown = webhook_forms.shown(done.one, own=True, secret=done.secret)
    headers = {"Location": f"{SHELF}/{done.one.id}", "ETag": said.tag(done.one.version)}
    return said.value(shown, said.CREATED, headers | ({} if done.secret else {"Idempotency-Replayed": "true"}))


async def listing(request: Request) -> Response:
    """The caller's own, the newest first; the administrator's list has everybody's."""
    desk = await _desk(request)
    asked.terms(request)
    found = await desk.listed()
    return said.view(request, said.items(exact.text(webhook_forms.shown(one, own=own)) for one, own in found))


async def read(request: Request) -> Response:
    """One of them."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    one, own = await desk.read(id_)
    return said.value(webhook_forms.shown(one, own=own), headers={"ETag": said.tag(one.version)})


async def update(request: Request) -> Response:
    """The webhook as it shall be now."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    raw, body = await asked.body_of(request)
    door.key_of(request, raw)
    version = body.get("version")
    one = await desk.update(id_, body, asked.version_said(request, version if isinstance(version, int) else None))
    return said.value(webhook_forms.shown(one, own=True), headers={"ETag": said.tag(one.version)})


async def delete(request: Request) -> Response:
    """It ends now."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    door.key_of(request, b"")
    await desk.delete(id_, door.version_of(request.headers.get("if-match")))
    return Response(None, said.NO_CONTENT)


async def rotate(request: Request) -> Response:
    """A new secret, this once; for a day the one before signs too."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    secret, now = await desk.rotate(id_, door.key_of(request, b""))
    if not secret:
        return said.value({}, headers={"Idempotency-Replayed": "true"})
    return said.value(webhook_forms.rotated(secret, now))


async def test(request: Request) -> Response:
    """A message of nobody is sent now, once."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    door.key_of(request, b"")
    return said.value(webhook_forms.answered(*await desk.test(id_)))


async def deliveries(request: Request) -> Response:
    """What was sent, the newest first, with what came of it."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    terms = asked.terms(request, "limit", "cursor")
    count = asked.limit(terms)
    before = cursors.read(terms["cursor"], _CURSOR)["number"] if "cursor" in terms else _LAST
    one, found = await desk.deliveries(id_, before, count + 1)
    shown = found[:count]
    following = cursors.made(number=shown[-1].heard.number) if len(found) > count else None
    texts = (exact.text(webhook_forms.logged(one, entry.heard, entry.came)) for entry in shown)
    return said.view(request, said.items(texts, following))


async def replay(request: Request) -> Response:
    """Send again one message, or all since a moment."""
    desk, id_ = await _desk(request), asked.id_of(request, "webhook")
    asked.terms(request)
    raw, body = await asked.body_of(request)
    door.key_of(request, raw)
    return said.value({"count": await desk.replay(id_, body)})


async def _desk(request: Request) -> Webhooks:
    return Webhooks(asked.desk_of(request), await asked.visit_of(request))
