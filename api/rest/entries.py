"""Entries: needs, goals, actions and all the other kinds, by their section or, for some, by a shorter address.

Every function makes a handler for the addresses whose entries `spot` finds.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import Deed
from api.rest import asked, said
from api.rest.asked import Spot
from auth.access import Verb
from fhir_facade import exact
from fhir_facade.drafts import HOME, fields_of
from plan.kinds import KINDS
from plan.model import EntryId, Json, Section, Stored
from plan.problem import Problem, Trouble

Handler = Callable[[Request], Awaitable[Response]]
Spotted = Callable[[Request], Spot]


def at_home(name: str) -> Spotted:
    """Where a kind with an address of its own stands: in its home section, or anywhere when it has none."""

    def spot(request: Request) -> Spot:
        return Spot(asked.person_of(request), KINDS[name].home, name)

    return spot


def listing(spot: Spotted) -> Handler:
    """The entries of one kind, oldest first."""

    async def listed(request: Request) -> Response:
        visit, where = await asked.visit_of(request), spot(request)
        terms = asked.terms(request, *(() if where.section else ("section",)))
        section = where.section
        if "section" in terms:
            section = asked.section_named(terms["section"], Trouble.BAD_VALUE)
        found = await asked.desk_of(request).kind(visit, where.person, where.kind, section)
        return said.view(request, said.items(one.body for one in found))

    return listed


def creating(spot: Spotted) -> Handler:
    """A new entry."""

    async def create(request: Request) -> Response:
        visit, where = await asked.visit_of(request), spot(request)
        deed = asked.writable(where, Verb.CREATE)
        terms = asked.terms(request, *(() if where.section else ("section",)))
        raw, body = await asked.body_of(request)
        deed.section = where.section or _said_section(terms, body) or HOME.get(visit.caller.role, Section.ABOUT_ME)
        form = forms.read(KINDS[where.kind], body, {"kind": where.kind, "section": deed.section.value}, new=True)
        deed.body, deed.restriction = form.fields, form.restriction
        return await said.written(request, visit, deed, raw, request.url.path)

    return create


def reading(spot: Spotted) -> Handler:
    """One entry."""

    async def read(request: Request) -> Response:
        visit, where, id_ = await asked.visit_of(request), spot(request), asked.entry_of(request)
        asked.terms(request)
        return said.entry(
            request, at_spot(where, await asked.desk_of(request).entry(visit, where.person, where.kind, id_))
        )

    return read


def replacing(spot: Spotted) -> Handler:
    """The whole of an entry anew, in the version that was read."""

    async def replace(request: Request) -> Response:
        visit, where, id_ = await asked.visit_of(request), spot(request), asked.entry_of(request)
        asked.terms(request)
        deed = asked.writable(where, Verb.UPDATE)
        raw, body = await asked.body_of(request)
        deed = _changed(request, deed, where, id_, body)
        return await said.written(request, visit, deed, raw)

    return replace


def patching(spot: Spotted) -> Handler:
    """RFC 7396: members that are sent replace their like, null takes one away."""

    async def patch(request: Request) -> Response:
        visit, where, id_ = await asked.visit_of(request), spot(request), asked.entry_of(request)
        asked.terms(request)
        deed = asked.writable(where, Verb.UPDATE)
        raw, body = await asked.body_of(request, asked.MERGE_PATCH)
        version = asked.version_said(request, forms.version_in(body))
        current = at_spot(where, await asked.desk_of(request).entry(visit, where.person, where.kind, id_))
        if version > current.version:
            raise Problem(
                Trouble.STALE, f"It is at version {current.version}.", extra={"current_version": current.version}
            )
        if version != current.version:
            # The desk refuses it, unless it is a repetition: then it must read as it did the first time.
            current = await asked.desk_of(request).version(visit, where.type, id_, version, "body")
        merged = merge(fields_of(exact.stored(current.body)), body)
        if "restricted_to" in body:
            merged["restricted_to"] = body["restricted_to"]
        deed = _changed(request, deed, where, id_, merged)
        deed.version = version
        return await said.written(request, visit, deed, raw)

    return patch


def removing(spot: Spotted) -> Handler:
    """Take an entry away; its versions stay in the history."""

    async def remove(request: Request) -> Response:
        visit, where, id_ = await asked.visit_of(request), spot(request), asked.entry_of(request)
        asked.terms(request)
        deed = asked.writable(where, Verb.DELETE)
        deed.id, deed.version = id_, asked.version_said(request)
        return await said.written(request, visit, deed, b"")

    return remove


def at_spot(where: Spot, stored: Stored) -> Stored:
    """An entry that stands where the address says. Raises NOT_FOUND for any other."""
    if stored.person != where.person or stored.kind != where.kind or where.section not in (None, stored.section):
        raise Problem(Trouble.NOT_FOUND)
    return stored


def merge(target: Json, patch: Json) -> Json:
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    merged: dict[str, Any] = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value)
    return merged


def _changed(request: Request, deed: Deed, where: Spot, id_: EntryId, body: dict[str, Json]) -> Deed:
    address = {"id": str(id_), "kind": where.kind}
    if where.section:
        address["section"] = where.section.value
    form = forms.read(KINDS[where.kind], body, address)
    deed.id, deed.body, deed.restriction = id_, form.fields, form.restriction
    deed.version = asked.version_said(request, form.version)
    return deed


def _said_section(terms: asked.Terms, body: dict[str, Json]) -> Section | None:
    """The section that the query or the body of a new entry names."""
    named = terms.get("section", body.get("section"))
    return None if named is None else asked.section_named(str(named), Trouble.BAD_VALUE, ("section",))
