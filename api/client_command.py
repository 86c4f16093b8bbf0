"""`oneplan client` and `oneplan keys`: who may ask for tokens here, and with which keys they are signed."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from api.service import Service
    from auth.server.clients import Acting

Work = Callable[["Service"], Awaitable[str]]
Run = Callable[[str, Work], str]

Url = Annotated[str, typer.Option("--database", help="SQLAlchemy URL; sqlite:///DATA/oneplan.db unless set.")]
Agency = Annotated[str, typer.Option(help="For which agency a backend service acts: an id of the directory.")]
RoleOf = Annotated[str, typer.Option("--role", help="In which role of the charter a backend service acts.")]
Scope = Annotated[str, typer.Option(help="SMART scopes, parted by spaces, that the client may ask for.")]
Redirects = Annotated[list[str], typer.Option("--redirect", help="An address of the app; may be said again.")]
Jwks = Annotated[Path | None, typer.Option(help="A file with the client's public keys (JWKS).")]
JwksUri = Annotated[str, typer.Option(help="Where the client's public keys are fetched from, instead of a file.")]
Method = Annotated[
    str, typer.Option(help="none, client_secret_basic, client_secret_post or private_key_jwt; else as fits the rest.")
]


def commands(app: typer.Typer, run: Run) -> None:
    """Add the commands. `run` does a piece of work with an open service on the database that a URL names."""
    clients = typer.Typer(no_args_is_help=True, help="Apps and systems that may ask for tokens.")
    keys = typer.Typer(no_args_is_help=True, help="The keys that sign our tokens.")
    app.add_typer(clients, name="client")
    app.add_typer(keys, name="keys")
    _writing(clients, run)
    _reading(clients, run)

    @keys.command("rotate")
    def rotate(url: Url = "") -> None:
        """Make new keys; the old ones stay published until their last token is out."""
        typer.echo(run(url, _rotate))


def _writing(clients: typer.Typer, run: Run) -> None:
    @clients.command("add")
    def add(  # noqa: PLR0913 - one option a member of the registration
        name: str,
        *,
        url: Url = "",
        redirect: Redirects = [],  # noqa: B006 - typer copies it
        scope: Scope = "",
        method: Method = "",
        jwks: Jwks = None,
        jwks_uri: JwksUri = "",
        agency: Agency = "",
        role: RoleOf = "",
    ) -> None:
        """Register an app (with --redirect) or a backend service (with --agency, --role and keys)."""
        said = _said(name, redirect, scope, method, {"jwks": _keys(jwks), "jwks_uri": jwks_uri})
        typer.echo(run(url, lambda service: _add(service, said, agency, role)))

    @clients.command("invite")
    def invite(url: Url = "", agency: Agency = "", role: RoleOf = "") -> None:
        """Print a token with which one app may register itself within a week; for a backend service say as whom."""
        typer.echo(run(url, lambda service: _invite(service, agency, role)))


def _reading(clients: typer.Typer, run: Run) -> None:
    @clients.command("list")
    def list_(url: Url = "") -> None:
        """Every client, a JSON object a line."""
        typer.echo(run(url, _list), nl=False)

    @clients.command("remove")
    def remove(client: str, url: Url = "") -> None:
        """Forget a client; all that it was given ends."""
        typer.echo(run(url, lambda service: _remove(service, client)))


def _said(name: str, redirect: list[str], scope: str, method: str, keys: dict[str, Any]) -> dict[str, Any]:
    """The options as RFC 7591 writes them."""
    signed = any(keys.values())
    usual = "private_key_jwt" if signed else "none"
    grants = ["authorization_code", "refresh_token"] if redirect else ["client_credentials"]
    said = {"client_name": name, "scope": scope, "redirect_uris": redirect, **keys}
    more = {"token_endpoint_auth_method": method or usual, "grant_types": grants}
    return {word: value for word, value in said.items() if value} | more


def _keys(file: Path | None) -> Any:
    return json.loads(file.read_text("utf-8")) if file else None


def _acting(agency: str, role: str) -> "Acting | None":
    from auth.server.clients import Acting  # noqa: PLC0415 - heavy, as the rest
    from plan.model import AgencyId, Role  # noqa: PLC0415 - as above

    if not agency and not role:
        return None
    if role not in {one.value for one in Role} or not agency:
        raise ValueError(f"Say both: --agency ID --role ROLE, one of {', '.join(one.value for one in Role)}.")
    return Acting(agency=AgencyId(agency), role=Role(role))


async def _add(service: "Service", said: dict[str, Any], agency: str, role: str) -> str:
    from authlib.oauth2 import OAuth2Error  # noqa: PLC0415 - heavy

    from auth.server import clients, manage  # noqa: PLC0415 - as above

    server = service.server
    try:
        client, secret = clients.registered(said, server.now(), _acting(agency, role), None)
    except OAuth2Error as error:
        raise ValueError(f"{error.description} ({error.error}).") from None
    await manage.add(server, client)
    return json.dumps(clients.told(client, secret), indent=1, ensure_ascii=False)


async def _invite(service: "Service", agency: str, role: str) -> str:
    from auth.server import manage  # noqa: PLC0415 - heavy

    return await manage.invite(service.server, _acting(agency, role))


async def _list(service: "Service") -> str:
    said = [json.loads(body) for body in await service.server.storage.clients()]
    kept = ({word: value for word, value in one.items() if value and word != "secret"} for one in said)
    return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in kept)


async def _remove(service: "Service", client: str) -> str:
    from auth.server import manage  # noqa: PLC0415 - heavy

    await manage.remove(service.server, client)
    return f"{client} is removed."


async def _rotate(service: "Service") -> str:
    made = await service.server.ring.rotate()
    return f"New keys: {', '.join(made)}."
