"""Tokens are given, asked about and taken back here, and apps register: what other programs call.

RFC 6749 section 5, RFC 7662, RFC 7009, RFC 7591.
"""

from starlette.requests import Request
from starlette.responses import Response

from api import door
from api.authorization.asked import an_object, json_answer, place, shown
from auth.server import exchange, manage, proofs


async def token(request: Request) -> Response:
    """A code, a refresh token or a service's own word becomes tokens."""
    server, said = door.service_of(request).server, await shown(request)
    client = await proofs.client(server, said)
    return json_answer(await exchange.exchange(server, client, said.form, place(request).issuer))


async def introspect(request: Request) -> Response:
    """What is known of a token, told to a client that proved itself or to who brings a good token."""
    service, said = door.service_of(request), await shown(request)
    asker = None
    if said.authorization.lower().startswith("bearer "):
        await door.visit(request, "auth")
    else:
        asker = await proofs.client(service.server, said)
        if asker.method == "none":
            raise proofs.refused("a client without a proof is told nothing of tokens")
    return json_answer(await manage.introspect(service.server, service.tokens, said.form.get("token", ""), asker))


async def revoke(request: Request) -> Response:
    """A client gives a token back; what it is not known by is gone already (RFC 7009 section 2.2)."""
    service, said = door.service_of(request), await shown(request)
    client = await proofs.client(service.server, said)
    await manage.revoke(service.server, service.tokens, said.form.get("token", ""), client)
    return json_answer({})


async def register(request: Request) -> Response:
    """An app registers itself with an initial access token."""
    scheme, _, word = request.headers.get("authorization", "").partition(" ")
    said = await an_object(request)
    server = door.service_of(request).server
    return json_answer(await manage.register(server, word.strip() if scheme.lower() == "bearer" else "", said), 201)
