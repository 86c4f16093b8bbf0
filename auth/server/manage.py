"""What happens to tokens after they were given: they are asked about, and taken back; and who may register.

RFC 7662 (introspection), RFC 7009 (revocation), RFC 7591 section 3 (registration guarded by an initial access token).
"""

from collections.abc import Mapping
from typing import Any

from auth.server import clients, secrets
from auth.server.clients import Acting, Client
from auth.server.granted import Granted
from auth.server.server import Server
from auth.server.storage import Deed
from auth.tokens import Tokens, opened
from plan.problem import Problem, Trouble

INVITED = 7 * 24 * 3600 * 1000
"""How long an invitation to register is good, in milliseconds."""
_TOLD = ("scope", "client_id", "sub", "iss", "aud", "iat", "exp", "jti", "patient", "encounter", "fhirUser", "name")
INACTIVE: Mapping[str, Any] = {"active": False}


async def introspect(server: Server, tokens: Tokens, token: str, asker: Client | None) -> dict[str, Any]:
    """What is known of a token; of one that is not good only that. A refresh token is told of to its client alone."""
    if "." in token:
        claims = await _claims(server, tokens, token)
        row = await server.storage.token(str(claims["jti"])) if claims else None
        if claims is None or row is None or row[3] != "live" or claims["exp"] * 1000 <= server.now():
            return dict(INACTIVE)
        told = {name: claims[name] for name in _TOLD if name in claims}
        return {"active": True, "token_type": "Bearer", **told}
    row = await server.storage.token(secrets.hashed(token))
    if row is None or row[0] != "refresh" or row[3] != "live" or row[4] <= server.now():
        return dict(INACTIVE)
    kept = await server.storage.grant(row[1])
    if kept is None or asker is None or row[2] != asker.id:
        return dict(INACTIVE)
    grant = Granted.model_validate_json(kept[1])
    told = {"scope": " ".join(grant.scopes), "client_id": grant.client, "sub": grant.subject, "exp": row[4] // 1000}
    return {"active": True, **told, **({"patient": grant.patient} if grant.patient else {})}


async def revoke(server: Server, tokens: Tokens, token: str, client: Client) -> None:
    """Take a token of this client back; a refresh token with all that was given with it. Another's is left alone."""
    if "." in token:
        claims = await _claims(server, tokens, token)
        if claims is None or claims.get("client_id") != client.id:
            return
        await server.storage.recall(str(claims["jti"]))
        await server.look()
    else:
        row = await server.storage.token(secrets.hashed(token))
        if row is None or row[0] != "refresh" or row[2] != client.id:
            return
        await server.end(row[1])
    await server.witness(Deed(what="revoke", client=client.id))


async def invite(server: Server, acting: Acting | None) -> str:
    """A word with which one app may register, once, within a week; `acting`: as whom, for a backend service."""
    word = secrets.made()
    body = acting.model_dump_json() if acting else ""
    await server.storage.put("invitation", secrets.hashed(word), server.now() + INVITED, body)
    return word


async def register(server: Server, word: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """Register a client by an invitation, or by the deployment's registration token. Raises BAD_TOKEN, OAuth2Error."""
    acting: Acting | None = None
    standing = server.terms.registration
    by_standing = bool(standing) and secrets.same(word, secrets.hashed(standing))
    if not by_standing:
        found = await server.storage.peek("invitation", secrets.hashed(word))
        if found is None or found[1] or found[2] <= server.now():
            raise await _not_invited(server)
        acting = Acting.model_validate_json(found[0]) if found[0] else None
    client, secret = clients.registered(said, server.now(), acting, server.terms.origins)
    used = None if by_standing else await server.storage.take("invitation", secrets.hashed(word), server.now())
    if not by_standing and used is None:
        raise await _not_invited(server)
    await add(server, client)
    return clients.told(client, secret)


async def add(server: Server, client: Client) -> None:
    """Keep a new client."""
    await server.storage.add_client(client.id, client.made, client.model_dump_json())
    await server.witness(Deed(what="register", client=client.id))


async def remove(server: Server, id_: str) -> None:
    """Forget a client and end all that it was given. Raises NOT_FOUND."""
    if not await server.storage.drop_client(id_):
        raise Problem(Trouble.NOT_FOUND, "There is no client of this id.")
    await server.look()
    await server.witness(Deed(what="unregister", client=id_))


async def _not_invited(server: Server) -> Problem:
    await server.witness(Deed(what="register", client="", refused="invalid_token"))
    what = "Registration needs an initial access token that was not used: ask who runs this service for one."
    return Problem(Trouble.BAD_TOKEN, what, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


async def _claims(server: Server, tokens: Tokens, token: str) -> dict[str, Any] | None:
    """The claims of one of our own access tokens, if it is good."""
    try:
        await tokens.caller(f"Bearer {token}")
    except Problem as problem:
        if problem.trouble is Trouble.UNAVAILABLE:
            raise
        return None
    claims = dict(opened(token).claims)
    return claims if claims["iss"] == server.terms.issuer else None
