"""The second wall: row-level security in PostgreSQL, so that a forgotten permit still shows no stranger.

The service connects as a role that owns nothing. A row of a person is there for it when the caller named in the session
(`db.engine.Who`, settings that are gone with the transaction) is that person or has a row of that person's team today;
with no caller named nothing is there. The worker's role sees everybody as long as it speaks for nobody, and what its
caller sees as soon as it names one. Built from the tables that the service has, whenever the schema is brought up to
date.
"""

from collections.abc import Iterator
from hashlib import blake2b

from sqlalchemy import Connection, text

from db.engine import Database
from db.sight import DIRECTORY
from db.tables import CROSSING, SCHEMA
from plan.override import OVERRIDE

SERVICE = "oneplan_service"
WORKER = "oneplan_worker"
SETTINGS = {"oneplan.now": "[1]", "oneplan.person": "[2]", "oneplan.caller": "[3:5]", "oneplan.parties": "[6:]"}
"""Where the name is told, and which words of `Who.said` each setting holds. What every row asks for stands apart, and
is asked for in place: a subquery costs every read by id more than it saves a search through thousands of rows. The one
subquery, in the view, keeps the planner from planning for the agency whose turn it is while it plans.
"""
RELATED = "caller_team"
"""The view of whom the caller works with today, read by its owner: no policy may ask its own table."""
VERSIONS = "alembic_version"

OPEN = "The database has no row-level security: run `oneplan db upgrade` as its owner."

_ALL = "select, insert, update, delete"
_GROWS = "select, insert"
_VALUES = "select, insert, delete"
_STATE = "select, insert, update"
PRIVILEGES = {
    "person": _STATE,
    "entry": _STATE,
    "directory_entry": _STATE,
    "entry_version": _GROWS,
    "directory_entry_version": _GROWS,
    "change": _GROWS,
    "team_member": _STATE,
    "consent_rule": _VALUES,
    "audit_event": _GROWS,
    "audit_chain": _GROWS,
    "override": _STATE,
    "stay_event": _GROWS,
    "feed_heard": _STATE,
    "identifier": _VALUES,
    "whereabouts": _GROWS,
    "idempotency_key": _GROWS,
    "charter": _STATE,
    "export_job": _VALUES,
    "built_with": _STATE,
    "job": _ALL,
    "delivery": _ALL,
    "subscription": _STATE,
    "subscription_version": _GROWS,
    "webhook_secret": _ALL,
    "mail": _STATE,
    "reading": _STATE,
    "calendar_feed": _ALL,
    "kept_form": _ALL,
    **dict.fromkeys(("auth_client", "auth_ticket", "auth_grant", "auth_token", "auth_key"), _ALL),
    **dict.fromkeys(("account", "account_step", "recovery_code", "sign_in_session", "sign_in_tally"), _ALL),
    VERSIONS: "select",
    **{
        f"{shelf}search_{family}": _VALUES
        for shelf in ("", "directory_")
        for family in ("token", "reference", "string", "date", "number")
    },
}
"""What the service may do with each table, and nothing else."""
COLUMNS = {"entry_version": "update (agency, restriction)"}
"""What it may do with some columns only: a version can be closed to others later, never rewritten."""

_NOW, _PERSON, _CALLER, _PARTIES = (f"nullif(current_setting('{name}', true), '')" for name in SETTINGS)
_AGENCY, _SUBJECT, _MEETING = (f"nullif(({_CALLER}::text[])[{n}], '')" for n in (1, 2, 3))
_VIEW = f"""create view {RELATED} with (security_barrier = true) as select t.person_id from team_member t
    where t.party = any ((select {_PARTIES}::text[])::text[]) and t.since <= {_NOW}::bigint
    and (t.until is null or t.until > {_NOW}::bigint)"""
_NAMELESS = f"(select {_NOW} is null)"
_RELATED = f"""({{t}}.person_id = {_PERSON}
    or exists (select 1 from {RELATED} r where r.person_id = {{t}}.person_id))"""
_MORE = {
    # What belongs to no person is no secret of anybody's.
    "job": "{t}.person_id = ''",
    # Who begins a relation holds the person first; the row is a lock and a clock.
    "person": f"{{t}}.person_id = {_MEETING}",
    # Whoever knocks with the secret of a calendar's address has no name until the row has told it.
    "calendar_feed": f"{{t}}.person_id = {_MEETING}",
    # An agency answers for its own overrides, and for what its workers did, after they have ended.
    "override": f"{{t}}.agency = {_AGENCY}",
    "audit_event": f"{{t}}.agency = {_AGENCY}",
    # One's own place on the team, so that a place can be taken where there was none; and for who looks into an agency's
    # overrides the places that they are, so that they can be ended.
    "team_member": f"""{{t}}.party = any ({_PARTIES}::text[]) or ({{t}}.basis = '{OVERRIDE}'
        and right({{t}}.party, length({_AGENCY}) + 1) = '@' || {_AGENCY})""",
    # A subscription counts what it was sent, whoever has left since.
    "delivery": f"""exists (select 1 from subscription s where s.id = {{t}}.subscription_id
        and s.agency = {_AGENCY} and s.subject = {_SUBJECT})""",
}
"""What else is there for the service in a table, beside the rows of those whom the caller works with."""
_OWNER = "select pg_has_role(relowner, 'member') from pg_class where oid = to_regclass('team_member')"
_WHOLE = frozenset({"job", "delivery"})
"""What the worker has to see whole, in whose name it ever looks: who and which number, never content."""


def owned() -> list[str]:
    """The tables that are walled: every one that is a person's."""
    return sorted(name for name in SCHEMA.tables if name not in CROSSING and not name.startswith(DIRECTORY))


def build(connection: Connection) -> None:
    """Roles, privileges and policies as this version has them, where the connected role may; else no change."""
    if not (_is_owner(connection) and _has_roles(connection)):
        return
    there = _tables(connection)
    statements = [*_statements(there)]
    mark = blake2b("\n".join(statements).encode(), digest_size=16).hexdigest()
    if _mark(connection) == mark:
        return
    lower(connection)
    _execute(connection, [*statements, f"comment on view {RELATED} is '{mark}'"])


def lower(connection: Connection) -> None:
    """Take the wall down: its policies and its view. Who is no owner sees nothing of people while it is down."""
    sql = "select tablename, policyname from pg_policies where schemaname = current_schema"
    policies = connection.execute(text(sql))
    gone = [f"drop policy {name} on {table}" for table, name in policies]
    _execute(connection, [*gone, f"drop view if exists {RELATED}"])


async def sees_everybody(database: Database) -> bool:
    """Whether every row of every person is open to the role that is connected: on SQLite always."""
    if not database.sharing:
        return True
    sql = """select not row_security_active('entry') or exists (
        select 1 from pg_roles where rolname = ? and pg_has_role(oid, 'usage'))"""
    return bool((await database.rows(sql, (WORKER,)))[0][0])


async def gap(database: Database) -> str:
    """What is wrong with the wall on the side of the service, as a sentence; empty when it stands, and on SQLite."""
    if not database.sharing:
        return ""
    sql = """select rolsuper or rolbypassrls,
            exists (select 1 from pg_class c where c.relname = any (?) and c.relnamespace = current_schema::regnamespace
                and pg_has_role(c.relowner, 'member')),
            exists (select 1 from pg_roles w where w.rolname = ? and pg_has_role(w.oid, 'member')),
            (select count(*) from pg_class c where c.relname = any (?) and c.relrowsecurity
                and c.relnamespace = current_schema::regnamespace)
        from pg_roles where rolname = current_user"""
    bypasses, owns, works, walled = (await database.rows(sql, (owned(), WORKER, owned())))[0]
    if bypasses or owns or works:
        return (
            "The service's role in PostgreSQL sees every person's rows: it is a superuser, owns the tables or may"
            f" become the worker. Connect as a role that is only a member of {SERVICE} (docs/operations.md)."
        )
    return "" if walled == len(owned()) else OPEN


def _statements(there: set[str]) -> Iterator[str]:
    yield f"grant usage on schema %schema% to {SERVICE}"
    for table in sorted(there & (SCHEMA.tables.keys() | {VERSIONS})):
        yield f"revoke all on {table} from public, {SERVICE}, {WORKER}"
        yield f"grant {PRIVILEGES.get(table, _ALL)} on {table} to {SERVICE}"
        if table in COLUMNS:
            yield f"grant {COLUMNS[table]} on {table} to {SERVICE}"
    yield _VIEW
    yield f"grant select on {RELATED} to {SERVICE}"
    for table in owned():
        if table in there:
            yield from _policies(table)


def _policies(table: str) -> Iterator[str]:
    related = _RELATED.format(t=table)
    seen = f"{_MORE[table].format(t=table)} or {related}" if table in _MORE else related
    whole = "true" if table in _WHOLE else f"{_NAMELESS} or {related}"
    yield f"alter table {table} enable row level security"
    yield f"create policy of_the_caller on {table} to {SERVICE} using ({seen}) with check (true)"
    yield f"create policy of_everybody on {table} to {WORKER} using ({whole}) with check (true)"


def _is_owner(connection: Connection) -> bool:
    return bool(connection.execute(text(_OWNER)).scalar())


def is_allowed(connection: Connection) -> bool:
    """Whether the connected role may change the schema at all."""
    sql = f"select has_schema_privilege(current_schema, 'create') and coalesce(({_OWNER}), true)"
    return bool(connection.execute(text(sql)).scalar())


def _has_roles(connection: Connection) -> bool:
    """Whether both roles are there, now at the latest. Roles are the server's: another database may be at it too."""
    wanted = {SERVICE, WORKER}
    sql = text("select rolname from pg_roles where rolname in (:service, :worker)")
    there = {row[0] for row in connection.execute(sql, {"service": SERVICE, "worker": WORKER})}
    if there == wanted:
        return True
    sql = text("select rolcreaterole or rolsuper from pg_roles where rolname = current_user")
    if not connection.execute(sql).scalar():
        return False
    for role in sorted(wanted - there):
        more = f" in role {SERVICE}" if role == WORKER else ""
        made = f"create role {role} nologin{more}"
        _execute(connection, [f"begin {made}; exception when duplicate_object or unique_violation then null; end"])
    return True


def _tables(connection: Connection) -> set[str]:
    rows = connection.execute(text("select tablename from pg_tables where schemaname = current_schema"))
    return {row[0] for row in rows}


def _mark(connection: Connection) -> str | None:
    sql = f"select obj_description(to_regclass('{RELATED}'), 'pg_class')"
    found: str | None = connection.execute(text(sql)).scalar()
    return found


def _execute(connection: Connection, statements: list[str]) -> None:
    """Several statements in one round trip."""
    schema = connection.execute(text("select quote_ident(current_schema)")).scalar()
    body = ";\n".join(statements).replace("%schema%", str(schema))
    connection.exec_driver_sql(f"do $wall$ begin {body}; end $wall$")
