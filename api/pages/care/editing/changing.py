"""Changing an entry: a form of its fields, and of what was sent only what was changed (RFC 7396).

It is sent in the version that the form showed. Where somebody else was quicker, what was typed stays, beside what it
is now; what was not touched is as it is now.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.editing import formed
from api.pages.care.editing.entries import OFFERED, entry_of, leave_of, may_change, native, page_of
from api.pages.care.editing.fielded import Field, changes, merge_patch, written
from api.pages.care.forms import WHOLE, Form
from api.pages.care.names import named
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from auth.access import Question, refusal
from fhir_facade import drafts
from plan.known import Entry, Known
from plan.model import Json
from plan.problem import Problem, Trouble

MERGE: Final = "application/merge-patch+json"


async def show(reader: Reader) -> Response:
    """An entry as a form."""
    known = await reader.known()
    entry = await _changeable(reader, known)
    fields = formed.fields_of(reader, known, entry.kind, entry.body)
    return _page(reader, known, entry, fields, Form(values=written(fields)), entry.version)


async def send(reader: Reader, form: Form) -> Response:
    """Take what was changed."""
    known = await reader.known()
    entry = await _changeable(reader, known)
    version = form.number("version") or entry.version
    was = dict(entry.body) if version == entry.version else await _then(reader, known, entry, version)
    fields = formed.fields_of(reader, known, entry.kind, was, form)
    if form.text("more"):
        return _page(reader, known, entry, fields, form, version)
    changed = changes(fields, form)
    if not form.faults and not changed:
        return reader.go(page_of(known, entry), done="Nothing was different, so nothing was changed.")
    if not form.faults:
        patch = merge_patch(was, formed.with_changes(was, changed))
        try:
            await _patch(reader, known, entry, patch, form, version)
        except Problem as problem:
            if problem.trouble is Trouble.STALE:
                return await _overtaken(reader, form, fields, changed)
            formed.blame(form, problem, fields)
    if form.faults:
        return _page(reader, known, entry, fields, form, version)
    return reader.go(page_of(known, entry), done="Your change was saved.")


async def _changeable(reader: Reader, known: Known) -> Entry:
    """The entry in the address. Raises NOT_FOUND for what no form changes, REFUSED for what is not theirs."""
    entry = entry_of(reader, known)
    if entry.kind not in OFFERED:
        raise Problem(Trouble.NOT_FOUND)
    if not may_change(reader, await leave_of(reader), entry):
        raise refusal(Question.OWNERSHIP, "This entry is not yours to change.", "Ask the agency that wrote it.")
    return entry


async def _then(reader: Reader, known: Known, entry: Entry, version: int) -> dict[str, Json]:
    """What the entry was in the version that the form showed."""
    told = (await reader.ask("GET", f"{native(known, entry)}/versions/{version}")).body
    return drafts.fields_of(told)


async def _patch(reader: Reader, known: Known, entry: Entry, patch: Json, form: Form, version: int) -> None:
    body: dict[str, Json] = patch if isinstance(patch, dict) else {}
    at, why = native(known, entry), form.text("why")
    await reader.ask("PATCH", at, body, key=form.key, version=version, media=MERGE, why=why)


async def _overtaken(reader: Reader, form: Form, fields: tuple[Field, ...], changed: Mapping[str, Json]) -> Response:
    """Somebody changed it meanwhile: the form with what was typed, all else as it is now, and what is different."""
    reader.forget()
    known = await reader.known()
    entry = entry_of(reader, known)
    fresh = formed.fields_of(reader, known, entry.kind, entry.body, form)
    sent = written(one for one in fresh if one.key not in changed)
    sent |= {name: form.all(name) for one in fields if one.key in changed for name in _inputs(one, form)}
    kept = Form(sent=sent | {"why": form.all("why"), "key": [form.key]})
    kept.fault(WHOLE, "Somebody changed this while you were writing. Look at what it is now, and save again.")
    words, was = reader.wording(known), {one.key: one.value for one in fields}
    now = {one.name: words.lines(one.value) or ["Nothing"] for one in fresh if one.value != was.get(one.key)}
    return _page(reader, known, entry, fresh, kept, entry.version, now=now, status=412)


def _inputs(field: Field, form: Form) -> list[str]:
    """The names of all inputs of a field."""
    ticks = [f"{one.name}-gone" for one in field.each() if form.text(f"{one.name}-gone")]
    return [*written([field]), *ticks]


def _page(
    reader: Reader,
    known: Known,
    entry: Entry,
    fields: tuple[Field, ...],
    form: Form,
    version: int,
    **said: Any,
) -> Response:
    heading, back = f"Change: {named(entry)}", (page_of(known, entry), "Back to the entry")
    told = {"heading": heading, "back": back, "hidden": {"version": str(version)}} | said
    return formed.page(reader, known, entry.kind, fields, form, **told)


WAYS: tuple[Way, ...] = (Way("/people/{person}/entries/{section}/{kind}/{entry}/change", show, send),)
