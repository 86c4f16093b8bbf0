"""$meta, $meta-add and $meta-delete: the tags, security labels and profiles of an entry, of a type, of all.

Source: FHIR R4 resource-operations.html. A change of labels is a change of the entry: it makes a version, needs the
leave of an update, and takes If-Match (docs/decisions/0027-labels-make-versions.md).
"""

from typing import Any

from api.desk_operations import Operations
from api.door import version_of
from api.fhir_asked import Answer, Asked
from api.operations.sent import said
from fhir_facade import exact, metas, parameters
from fhir_facade.parameters import In
from plan.problem import Problem, Trouble

TAKES = (In("meta", "Meta"),)


async def of_entry(asked: Asked) -> Answer:
    """The meta of the entry as it is."""
    said(asked, ())
    stored = await asked.desk.read(asked.visit, asked.type, asked.id)
    return _answer(exact.stored(stored.fhir).get("meta", {}), stored.version, stored.at)


async def in_use(asked: Asked) -> Answer:
    """The labels in use on what the caller may see of one type, or of all."""
    said(asked, ())
    type_ = asked.type if asked.place.type else ""
    rows = await Operations.of(asked.desk).labels(asked.visit, type_)
    return _answer(metas.summary(rows))


async def add(asked: Asked) -> Answer:
    """Add labels; those that are there already stay as they are."""
    return await _changed(asked, more=True)


async def delete(asked: Asked) -> Answer:
    """Take labels away; those that are not there do no harm."""
    return await _changed(asked, more=False)


async def _changed(asked: Asked, *, more: bool) -> Answer:
    meta: dict[str, Any] | None = parameters.one(said(asked, TAKES), "meta")
    if meta is None:
        raise Problem(Trouble.REQUIRED, "Send the labels as the parameter meta.")
    version = version_of(asked.headers.get("if-match"))
    change = metas.added if more else metas.taken
    desk = Operations.of(asked.desk)
    stored = await desk.label(asked.visit, asked.type, asked.id, lambda held: change(held, meta), version)
    return _answer(exact.stored(stored.fhir).get("meta", {}), stored.version, stored.at)


def _answer(meta: dict[str, Any], version: int | None = None, at: int | None = None) -> Answer:
    # FHIR has no empty objects: nothing in use is a Parameters that says nothing.
    parts = [("return", "valueMeta", meta)] if meta else []
    return Answer(text=parameters.written(*parts), version=version, at=at)
