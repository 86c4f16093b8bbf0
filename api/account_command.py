"""`oneplan account`: who can sign in with a password here. Passwords are typed or come by stdin, never as arguments.

Accounts of providers (`PROVIDER:SUB`) come by themselves when somebody signs in; they can be locked and removed here.
What is changed here ends the sessions of that account, and the tokens of its apps, at once, and leaves its event in the
audit.
"""

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from api import commanding
from plan.model import AgencyId, PersonId, Role, Subject

if TYPE_CHECKING:
    from api.service import Service
    from auth.server.parties import Account
    from auth.sign_in.records import Login

app = typer.Typer(no_args_is_help=True, help="Look after who can sign in with a password.")

Url = Annotated[str, typer.Option("--database", help="SQLAlchemy URL; sqlite:///DATA/oneplan.db unless set.")]
Name = Annotated[str, typer.Argument(metavar="LOGIN", help="The user name: a-z, 0-9 and . _ @ -, at most 64.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin instead of asking.")]

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_REFERENCE = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}")


@app.command()
def add(  # noqa: PLR0913 - one option a field
    login: Name,
    *,
    role: Annotated[Role, typer.Option(help="In which role they act.")],
    agency: Annotated[str, typer.Option(help="For which agency; people and carers stand under names of their own.")],
    name: Annotated[str, typer.Option(help="The name that others see.")],
    subject: Annotated[str, typer.Option(help="Who they are in tokens and in the audit; else the user name.")] = "",
    person: Annotated[str, typer.Option(help="With the role person: the id of whose plan it is.")] = "",
    fhir_user: Annotated[str, typer.Option(help="Who they are in FHIR, as PractitionerRole/ID.")] = "",
    must_use_totp: Annotated[bool, typer.Option("--totp", help="They need a code from an app too.")] = False,
    password_stdin: Stdin = False,
    url: Url = "",
) -> None:
    """Add an account."""
    from auth.server.parties import Account  # noqa: PLC0415 - heavy, as all that is loaded below
    from auth.sign_in.entrance import new_stamp  # noqa: PLC0415
    from auth.sign_in.records import Login  # noqa: PLC0415

    folded = login.casefold()
    said = Account(
        subject=Subject(subject or folded),
        agency=AgencyId(agency),
        role=role,
        name=name,
        fhir_user=fhir_user or (f"Patient/{person}" if role is Role.PERSON else ""),
        person=PersonId(person) if person else None,
    )
    _check(folded, said)
    password = _password(folded, name, from_stdin=password_stdin)

    async def work(service: "Service") -> None:
        kept = service.sign_in
        made = Login(
            login=folded,
            account=said,
            stamp=new_stamp(),
            password=await kept.passwords.hashed(password),
            must_use_totp=must_use_totp,
        )
        _refuse_unless(await kept.kept.add(made), f"There is an account {folded} already.")
        await _note(service, "account-added", made)
        typer.echo(f"{folded} can sign in.")

    commanding.on(url, work)


def _check(login: str, said: "Account") -> None:
    """Refuse what cannot be an account, with a sentence."""
    from auth.issuers import is_id  # noqa: PLC0415 - heavy

    own = said.role is Role.PERSON
    _refuse_unless(_LOGIN.fullmatch(login), f"{login} is no user name: a-z, 0-9 and . _ @ -, at most 64.")
    _refuse_unless(is_id(said.agency), "The agency must be an id: A-Z, a-z, 0-9, - and ., at most 64.")
    _refuse_unless(_LOGIN.fullmatch(said.subject.casefold()), "The subject has the form of a user name.")
    _refuse_unless(said.name.strip() and said.name.isprintable(), "The name must be a line of text.")
    _refuse_unless(bool(said.person) == own, "--person goes with the role person, and only with it.")
    _refuse_unless(not said.person or is_id(said.person), "The person must be an id.")
    _refuse_unless(not said.fhir_user or _REFERENCE.fullmatch(said.fhir_user), "--fhir-user is written as Type/ID.")


@app.command("list")
def list_(url: Url = "") -> None:
    """All accounts, one a line: name, role, agency, what stands in the way of signing in."""

    async def work(service: "Service") -> None:
        for login in await service.sign_in.kept.every():
            states = {"locked": not login.active, "code": bool(login.totp), "code due": login.must_use_totp}
            told = ", ".join(name for name, holds in states.items() if holds)
            account = login.account
            typer.echo(f"{login.login}\t{account.role.value}\t{account.agency}\t{account.name}\t{told}".rstrip())

    commanding.on(url, work)


@app.command()
def change(
    login: Name,
    *,
    role: Annotated[Role | None, typer.Option(help="The new role.")] = None,
    agency: Annotated[str, typer.Option(help="The new agency.")] = "",
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    password_stdin: Stdin = False,
    url: Url = "",
) -> None:
    """Change the role, the agency or the password of an account."""
    from auth.issuers import is_id  # noqa: PLC0415 - heavy

    _refuse_unless(not agency or is_id(agency), "The agency must be an id.")
    _refuse_unless(role is not Role.PERSON, "An account of a person is added anew, with whose plan it is.")
    new = _password(login, from_stdin=password_stdin) if password or password_stdin else ""

    async def work(service: "Service") -> None:
        known = await _known(service, login)
        was = known.account
        _refuse_unless(was.role is not Role.PERSON or role is None, "A person's account stays a person's.")
        account = replace(was, role=role or was.role, agency=AgencyId(agency) or was.agency)
        hashed = await service.sign_in.passwords.hashed(new) if new else known.password
        await _put(service, replace(known, account=account, password=hashed), "account-changed")
        typer.echo(f"{known.login} is changed; its sessions have ended.")

    commanding.on(url, work)


@app.command()
def lock(login: Name, url: Url = "") -> None:
    """Let an account sign in no more; its sessions end at once."""

    async def work(service: "Service") -> None:
        known = await _known(service, login)
        await _put(service, replace(known, active=False), "account-locked")
        typer.echo(f"{known.login} is locked; its sessions have ended.")

    commanding.on(url, work)


@app.command()
def unlock(login: Name, url: Url = "") -> None:
    """Let a locked account sign in again, and forget its failures."""

    async def work(service: "Service") -> None:
        from auth.sign_in.lockout import Door  # noqa: PLC0415 - beside its use

        known = await _known(service, login)
        await Door(service.sign_in.kept).pardon(known.login)
        await _put(service, replace(known, active=True), "account-unlocked")
        typer.echo(f"{known.login} can sign in again.")

    commanding.on(url, work)


@app.command()
def totp(
    login: Name,
    *,
    off: Annotated[bool, typer.Option("--off", help="Need no code any more.")] = False,
    url: Url = "",
) -> None:
    """Need a code from an app: it is set up anew at the next sign-in, and what was set up before is forgotten."""

    async def work(service: "Service") -> None:
        known = await _known(service, login)
        _refuse_unless(known.password, "A provider's account proves itself at the provider.")
        await service.sign_in.kept.put_recovery(known.login, ())
        await _put(service, replace(known, totp="", must_use_totp=not off), "code-app-off" if off else "code-app-due")
        typer.echo(f"{known.login} needs {'no code' if off else 'to set up an app at the next sign-in'}.")

    commanding.on(url, work)


@app.command()
def remove(login: Name, url: Url = "") -> None:
    """Forget an account; what it did stays in the audit."""

    async def work(service: "Service") -> None:
        known = await _known(service, login)
        await service.sign_in.kept.remove(known.login)
        await service.server.leave(known.account.subject)
        await _note(service, "account-removed", known)
        typer.echo(f"{known.login} is removed.")

    commanding.on(url, work)


async def _known(service: "Service", login: str) -> "Login":
    found = await service.sign_in.kept.find(login) or await service.sign_in.kept.find(login.casefold())
    if found is None:
        raise ValueError(f"There is no account {login}. `oneplan account list` names them all.")
    return found


async def _put(service: "Service", login: "Login", what: str) -> None:
    """Keep a changed account under a new stamp: its sessions end on every machine, and so does what apps have of it."""
    from auth.sign_in.entrance import new_stamp  # noqa: PLC0415 - heavy

    await service.sign_in.kept.put(replace(login, stamp=new_stamp()))
    await service.sign_in.kept.close_all(login.login)
    await service.server.leave(login.account.subject)
    await _note(service, what, login)


async def _note(service: "Service", what: str, login: "Login") -> None:
    """Who sits at this machine is not known here; what was done to which account is."""
    from api.pages.trail import told  # noqa: PLC0415 - heavy

    await told(service, what, target=login.login, subject="oneplan-cli", door="cli")


def _password(login: str, name: str = "", *, from_stdin: bool) -> str:
    """The new password. Refuses one that is not good enough."""
    from auth.sign_in.passwords import faults  # noqa: PLC0415 - heavy

    said = sys.stdin.readline().rstrip("\n") if from_stdin else typer.prompt("Password", hide_input=True)
    wrong = list(faults(said, login, name))
    _refuse_unless(not wrong, " ".join(wrong))
    if not from_stdin:
        _refuse_unless(typer.prompt("Again", hide_input=True) == said, "That was another password.")
    return str(said)


def _refuse_unless(holds: object, what: str) -> None:
    if not holds:
        raise ValueError(what)
