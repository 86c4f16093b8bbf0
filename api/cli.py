"""The command line: serve, worker, import, export, token, account, client, keys, db, audit, demo.

What is heavy is loaded by the command for it.
"""

import asyncio
import logging
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api import account_command, client_command, commanding
from api.demonstration_data import ADA, AGENCIES, EHR, WORKERS, Worker
from api.simulation import command as simulation
from plan.model import AgencyId, PersonId, Role

if TYPE_CHECKING:
    from api.service import Service
    from api.settings import Settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="One care plan per person."
)
database = typer.Typer(no_args_is_help=True, help="Look after the database.")
app.add_typer(database, name="db")
audit = typer.Typer(no_args_is_help=True, help="Look after the audit: docs/operations.md.")
app.add_typer(audit, name="audit")
app.add_typer(account_command.app, name="account")

Url = Annotated[str, typer.Option("--database", help="SQLAlchemy URL; sqlite:///DATA/oneplan.db unless set.")]
As = Annotated[str, typer.Option("--as", metavar="WORKER", help="In whose name: see `oneplan token --list`.")]


class Refusal(Exception):  # noqa: N818 - a sentence for the user, no fault of the program
    """Something that the command does not do, said in one sentence; exit status 1."""


def main() -> None:
    """The entry point: problems become one sentence on stderr."""
    from db.engine import Unavailable  # noqa: PLC0415 - only once a command is about to run
    from plan.problem import Problem  # noqa: PLC0415 - as above

    try:
        app()
    except (Refusal, Problem, Unavailable, ValueError, FileNotFoundError) as refused:
        print(f"oneplan: {refused}", file=sys.stderr)
        raise SystemExit(1) from None


@app.command()
def serve(
    *,
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    url: Url = "",
    demo: Annotated[bool, typer.Option("--demo", help="Load the made-up people of Larch Court.")] = False,
    host: str = "127.0.0.1",
) -> None:
    """Run the service until it is told to stop. The schema is brought up to date first."""
    import uvicorn  # noqa: PLC0415 - the server is only loaded to serve

    settings = commanding.settings_of(url)
    if demo:
        _not_in_production(settings, "The demonstration")
    listening = listen(host, port)
    base = f"http://{host}:{listening.getsockname()[1]}"
    commanding.upgrade_of(settings)
    if demo:
        commanding.run(settings, _load)
        _show(base, settings)
    from api.app import create_app  # noqa: PLC0415 - as above

    config = uvicorn.Config(
        create_app(settings), host=host, port=port, loop="uvloop", http="httptools", access_log=False
    )
    # uvicorn is silent about a socket that it was handed; who starts it waits for this line.
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s (Press CTRL+C to quit)", base)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        return


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files and folders of FHIR R4 in JSON.")],
    *,
    as_: As,
    url: Url = "",
    source: Annotated[str, typer.Option(help="Where the resources come from; else their address or folder.")] = "",
    batch: Annotated[int, typer.Option(min=1, max=1000, help="The most resources in one transaction.")] = 200,
    no_new_people: Annotated[bool, typer.Option("--no-new-people", help="Only people who are here.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything was refused.")] = False,
) -> None:
    """Import Bundles, resources and NDJSON, gzipped or not. Run again, it doubles nothing."""
    from api import import_command  # noqa: PLC0415 - loads the validation
    from api.importing import Terms  # noqa: PLC0415 - as above

    terms = Terms(source=source, batch=batch, new_people=not no_new_people)

    async def work(service: "Service") -> bool:
        worker = await _worker(service, as_)
        return await import_command.run(service.desk, worker, paths, terms, strict=strict)

    if not commanding.on(url, work):
        raise typer.Exit(1)


@app.command()
def worker(
    *,
    url: Url = "",
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
) -> None:
    """Do what is due (coordination, notices, mails) until told to stop; `oneplan serve` does so as well by default."""
    from api import worker_command  # noqa: PLC0415 - loads the service

    if once:
        print(f"{commanding.on(url, worker_command.once)} jobs done.")
    else:
        commanding.on(url, worker_command.run)


@app.command()
def export(
    person: Annotated[str, typer.Option(help="The id of the person.")],
    url: Url = "",
    as_: Annotated[str, typer.Option("--as", metavar="WORKER", help="In whose name; else the person's own.")] = "",
) -> None:
    """Write one plan as a FHIR Bundle to stdout: all that the caller may see, and on stderr what that leaves out."""
    from api import demonstration, exporting  # noqa: PLC0415 - loads the facade

    async def work(service: "Service") -> exporting.Export:
        own = Worker("export", Role.PERSON, AgencyId("export"), "", "patient/*.rs", PersonId(person))
        worker = await _worker(service, as_) if as_ else own
        return await exporting.export(service.desk, demonstration.visit(worker), PersonId(person))

    made = commanding.run(commanding.settings_of(url), work)
    sys.stdout.buffer.write(made.text + b"\n")
    sys.stdout.flush()
    hidden = ", ".join(section.value for section in made.left_out)
    print(f"{made.entries} entries; sections left out: {hidden or 'none'}", file=sys.stderr)


@app.command()
def token(
    *,
    as_: Annotated[str, typer.Option("--as", metavar="WORKER", help="For whom.")] = "",
    list_: Annotated[
        bool, typer.Option("--list", help="Every worker there is a token for, a JSON object a line.")
    ] = False,
) -> None:
    """Print one bearer token for trying things out, good for eight hours, and nothing else."""
    settings = commanding.settings_of("")
    _not_in_production(settings, "A development token")
    if list_:
        import json  # noqa: PLC0415 - as the rest

        names = {agency.id: agency.name for agency in AGENCIES}
        for worker in WORKERS.values():
            name = names.get(worker.agency, worker.name)
            print(
                json.dumps({"worker": worker.worker, "role": worker.role.value, "agency": worker.agency, "name": name})
            )
        return
    if not as_:
        raise Refusal("Say for whom: --as WORKER. `oneplan token --list` names them all.")
    print(token_of(_known(as_), settings))


@database.command("upgrade")
def db_upgrade(url: Url = "") -> None:
    """Bring the schema of the database up to date."""
    commanding.upgrade_of(commanding.settings_of(url))
    print("The database is up to date.")


@database.command("reindex")
def db_reindex(url: Url = "") -> None:
    """Make the search values of all entries anew, beside a running service; a run that was stopped may be run again."""
    from api import reindex_command  # noqa: PLC0415 - loads the facade

    settings = commanding.settings_of(url)
    commanding.upgrade_of(settings)
    print(asyncio.run(reindex_command.run(_whole(settings))))


@audit.command("verify")
def audit_verify(
    url: Url = "",
    anchors: Annotated[str, typer.Option(metavar="FILE", help="Anchors; else the file of ONEPLAN_AUDIT_ANCHOR.")] = "",
) -> None:
    """Say of every place where the audit is not as it was written; exit status 1 when there is one."""
    from api import audit_command  # noqa: PLC0415 - loads the database

    settings = commanding.settings_of(url)
    place = "" if settings.audit_anchor.startswith("https:") else settings.audit_anchor
    if not asyncio.run(audit_command.verified(_whole(settings), anchors or place, print)):
        raise typer.Exit(1)


@audit.command("anchor")
def audit_anchor(url: Url = "") -> None:
    """Write where the audit ends now to ONEPLAN_AUDIT_ANCHOR, as the worker does every minute."""
    from api import audit_command  # noqa: PLC0415 - as above

    settings = commanding.settings_of(url)
    new = asyncio.run(audit_command.anchored(_whole(settings), settings.audit_anchor))
    print("The anchor is written." if new else "Nothing is new since the last anchor.")


@audit.command("retain")
def audit_retain(
    days: Annotated[int, typer.Option(help="What is older than so many days goes.")], url: Url = ""
) -> None:
    """Remove old events, so that `oneplan audit verify` can tell it from a removal by somebody else."""
    from api import audit_command  # noqa: PLC0415 - as above

    settings = commanding.settings_of(url)
    gone = asyncio.run(
        audit_command.retained(settings.owner_database or settings.database, settings.audit_anchor, days)
    )
    print(f"{gone} events are removed.")


@app.command()
def demo(
    what: Annotated[str, typer.Argument(metavar="[larch-court]", help="A month at Larch Court, played and told.")] = "",
    url: Url = "",
) -> None:
    """Load the made-up people of Larch Court, unless they are there; or play the month of the eight discharges."""
    settings = commanding.settings_of(url)
    _not_in_production(settings, "The demonstration")
    if what:
        simulation.demonstrate(what)
        return
    commanding.upgrade_of(settings)
    print("Larch Court is loaded." if commanding.run(settings, _load) else "Larch Court was there already.")


def _whole(settings: "Settings") -> str:
    """The database as somebody sees it who sees everybody."""
    return settings.worker_database or settings.owner_database or settings.database


async def _load(service: "Service") -> bool:
    from api import demonstration  # noqa: PLC0415 - heavy
    from api.demonstration_accounts import load as accounts_of  # noqa: PLC0415 - as above

    loaded = await demonstration.load(service.desk)
    return await accounts_of(service.sign_in) or loaded


async def _worker(service: "Service", name: str) -> Worker:
    """A worker of the demonstration, or one whom the directory of the database knows."""
    from api import demonstration  # noqa: PLC0415 - heavy

    found = WORKERS.get(name) if not service.settings.production else None
    worker = found or await demonstration.from_directory(service.desk, name)
    if worker is None:
        raise Refusal(
            f"{name} is no worker in the directory of this database. `oneplan token --list` names made-up ones."
        )
    await demonstration.settle(service.desk, worker)
    return worker


def _known(name: str) -> Worker:
    if name not in WORKERS:
        raise Refusal(f"{name} is none of the made-up workers. `oneplan token --list` names them all.")
    return WORKERS[name]


def _not_in_production(settings: "Settings", what: str) -> None:
    if settings.production:
        raise Refusal(f"{what} is for development; this service is in production (ONEPLAN_PRODUCTION).")


def token_of(worker: Worker, settings: "Settings") -> str:
    """A fresh development token."""
    from auth import development  # noqa: PLC0415 - loads the cryptography
    from plan.model import Subject  # noqa: PLC0415 - beside its use

    return development.token(
        settings.development_key,
        subject=Subject(worker.worker),
        agency=worker.agency,
        role=worker.role,
        scopes=worker.scopes,
        name=worker.name,
        person=worker.person,
    )


def listen(host: str, port: int) -> socket.socket:
    """The socket, before anything is loaded: an address that is taken is told at once, and port 0 gets a number."""
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise Refusal(f"cannot listen on {host}:{port}: {error.strerror}.") from None


TRY = (
    (EHR, "the hospital's record system reads Ada's plan by FHIR", f"/fhir/R4/CarePlan?subject=Patient/{ADA}"),
    ("clinician-p10001", "the surgery reads what is wrong with Ada", f"/fhir/R4/Condition?patient={ADA}"),
    ("social-worker-la1", "the social worker reads Ada's whole plan", f"/v1/people/{ADA}/plan"),
    ("housing-officer-ha1", "the landlord reads what housing may see of it", f"/v1/people/{ADA}/plan"),
    ("benefits-adviser-ba1", "the benefits team reads its part", f"/v1/people/{ADA}/plan"),
    ("care-worker-hc1", "the home carers read theirs", f"/v1/people/{ADA}/plan"),
    ("coordinator-rx1", "the discharge coordinator reads Ada's stay", f"/fhir/R4/Encounter?patient={ADA}"),
    ("ada-test", "Ada reads her own plan", f"/v1/people/{ADA}/plan"),
    ("bea-test", "her daughter reads what Ada agreed to", f"/v1/people/{ADA}/plan"),
    ("administrator-rx1", "the administrator keeps the directory, and is shown no plan", "/v1/agencies"),
    ("auditor-la1", "so is the auditor", "/v1/workers"),
    ("commissioner-la1", "and the commissioner", "/v1/agencies"),
    ("clinician-rx9", "a clinician elsewhere is told that nobody is there (404)", f"/v1/people/{ADA}/plan"),
)


def _show(base: str, settings: "Settings") -> None:
    """Lines that work when they are pasted, one a role, each with a token of its own."""
    print(f"Made-up people live at {base}. Each line below works for eight hours:\n")
    for worker, what, path in TRY:
        header = f'-H "Authorization: Bearer {token_of(WORKERS[worker], settings)}"'
        print(f"# {worker}: {what}\ncurl -s {header} '{base}{path}'\n")
    from auth.sign_in.common import DEMONSTRATION  # noqa: PLC0415 - only to be told

    print(f"The pages: {base}/care, for clinician-p10001, housing-officer-ha1, ada-test and all others of Larch Court,")
    print(f"who sign in with the password: {DEMONSTRATION}\n")
    sys.stdout.flush()


client_command.commands(app, commanding.on)
simulation.commands(app)


if __name__ == "__main__":
    main()
