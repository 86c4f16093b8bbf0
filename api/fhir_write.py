"""Writing through the FHIR door: create, update, patch and delete, by id or by criteria. FHIR R4 http.html.

A request, or an entry of a Bundle, becomes a deed; what came of the deed becomes the answer. Nothing is written here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from api import fhir_patch
from api.deeds import Deed, Did, Outcome
from api.desk import Replayed
from api.door import version_of
from api.fhir_asked import Answer, Asked, message, placed
from api.fhir_headers import key_of, provenance_of
from api.fhir_taken import taken
from auth.access import Verb
from fhir_facade.query import criteria, pairs_of
from plan.model import Json, Stored
from plan.problem import Fault, Path, Problem, Trouble
from plan.query import Query

_STATUS: Mapping[Did, int] = {Did.CREATED: 201, Did.DELETED: 204, Did.GONE: 204, Did.ABSENT: 204}
_TOLD: Mapping[Did, str] = {
    Did.CREATED: "It was created.",
    Did.FOUND: "It was there already; nothing was written.",
    Did.DELETED: "It was deleted.",
    Did.GONE: "It is not there; nothing was written.",
    Did.ABSENT: "It is not there; nothing was written.",
}
_PREFERENCES: Mapping[str, str] = {
    "minimal": "return=minimal",
    "representation": "return=representation",
    "operationoutcome": "return=OperationOutcome",
}


async def write(asked: Asked) -> Answer:
    """One create, update, patch or delete."""
    deed, key, provenance = deed_of(asked), key_of(asked), provenance_of(asked)
    try:
        outcomes = await asked.desk.write(asked.visit, [deed], key, provenance)
    except Problem as problem:
        raise worded(problem, asked) from None
    if isinstance(outcomes, Replayed):
        return await _replayed(asked, outcomes)
    return answer(asked, outcomes[0])


def deed_of(asked: Asked) -> Deed:
    """What the desk is asked to do. Raises a Problem with the place of each fault in what was sent."""
    return _DEEDS[asked.method](asked)


def worded(problem: Problem, asked: Asked, whole: Path = ()) -> Problem:
    """A problem of the desk as this door says it.

    Who puts to an id that is not there, or not for them, meant to make it up: ids are made here, and both get the
    same 405. A fault of a patch stands in the patch, one of what comes of it in the resource.
    """
    if asked.method == "PUT" and problem.trouble is Trouble.NOT_FOUND:
        what = "there is nothing to update under this id, and ids are made here"
        fault = Fault(what, mend=f"Create it by POST to /{asked.place.type}.")
        problem = Problem(Trouble.NO_METHOD, "", (fault,), headers={"Allow": "GET, HEAD"})
    if asked.method == "DELETE" and problem.trouble is Trouble.NOT_FOUND:
        problem = Problem(Trouble.UNMATCHED, "There is nothing here whose version could match.")
    if asked.method == "PATCH" and fhir_patch.is_of_patch(problem):
        return placed(problem, asked.inside, whole) if asked.inside else problem
    return placed(problem, asked.where, whole)


def answer(asked: Asked, outcome: Outcome) -> Answer:
    """What came of a deed, with as much of it as the client prefers."""
    stored, did = outcome.stored, outcome.did
    gone = did in (Did.DELETED, Did.GONE, Did.ABSENT)
    made = _answer(asked, stored, _STATUS.get(did, 200), located=did in (Did.CREATED, Did.FOUND))
    wanted = asked.preferred("return")
    if gone:
        made = replace(made, text="")
    if did is Did.ABSENT:
        made = replace(made, version=None, at=None)
    if wanted == "operationoutcome":
        status = 200 if gone else made.status
        made = replace(made, text=message(_TOLD.get(did, "It was updated.")), status=status)
    if gone and wanted == "representation":
        return made  # there is nothing that could be shown
    return replace(made, headers={"preference-applied": _PREFERENCES[wanted]}) if wanted in _PREFERENCES else made


def _answer(asked: Asked, stored: Stored, status: int, *, located: bool) -> Answer:
    location = ""
    if located:
        type_ = asked.version.shown_type(stored.type)
        location = f"{asked.base}/{type_}/{stored.id}/_history/{stored.version}"
    text = "" if asked.preferred("return") == "minimal" or stored.deleted else asked.version.shown(stored.fhir)
    return Answer(status=status, text=text, version=stored.version, at=stored.at, location=location)


async def _replayed(asked: Asked, done: Replayed) -> Answer:
    """What an Idempotency-Key led to before, in the version that it led to."""
    headers = {"idempotency-replayed": "true"}
    if asked.method == "DELETE":
        return Answer(status=204, version=done.version, at=done.stored.at, headers=headers)
    stored = done.stored
    if stored.version != done.version:
        stored = await asked.desk.version(asked.visit, stored.type, stored.id, done.version)
    return replace(_answer(asked, stored, done.status, located=asked.method == "POST"), headers=headers)


def _create(asked: Asked) -> Deed:
    if any(name not in ("_format", "_pretty") for name, _ in pairs_of(asked.query)):
        what = "a create has no criteria in its address"
        raise Problem(Trouble.NOT_SUPPORTED, "", (Fault(what, mend="Say them in the header If-None-Exist."),))
    deed = Deed(verb=Verb.CREATE, type=asked.type, resource=_resource(asked, asked.resource))
    condition = asked.headers.get("if-none-exist")
    if condition is not None:
        deed.unless = criteria(asked.type, condition, asked.base, asked.version)
    return deed


def _update(asked: Asked) -> Deed:
    where, resource = _criteria(asked), _resource(asked, asked.resource)
    said, version = resource.get("id"), version_of(asked.headers.get("if-match"))
    new_only = asked.headers.get("if-none-match", "").strip() == "*"
    # A resource without an id was not read here, so a version in it is none of ours.
    if version is None and said is not None and not new_only:
        version = _version_in(resource)
    deed = Deed(verb=Verb.UPDATE, type=asked.type, resource=resource, version=version, new_only=new_only)
    if where is not None:
        deed.where = where
        return deed
    deed.id, deed.versioned = asked.id, not new_only
    if said != deed.id:
        what = "the resource has no id" if said is None else "the id of the resource is not the one in the address"
        _refuse(what, (*asked.where, "id"), f"Send the id {deed.id}.")
    return deed


def _patch(asked: Asked) -> Deed:
    patch = fhir_patch.read(asked.resource, asked.inside)
    where = _criteria(asked)

    def change(stored: Stored) -> dict[str, Json]:
        return fhir_patch.applied(asked.version, stored.fhir, patch, lambda made: _resource(asked, made, placing=False))

    id_ = None if where is not None else asked.id
    version = version_of(asked.headers.get("if-match"))
    return Deed(verb=Verb.UPDATE, type=asked.type, id=id_, where=where, change=change, version=version)


def _delete(asked: Asked) -> Deed:
    where = _criteria(asked)
    id_ = None if where is not None else asked.id
    version = version_of(asked.headers.get("if-match"))
    return Deed(verb=Verb.DELETE, type=asked.type, id=id_, where=where, version=version, idempotent=True)


_DEEDS: Mapping[str, Callable[[Asked], Deed]] = {"POST": _create, "PUT": _update, "PATCH": _patch, "DELETE": _delete}


def _criteria(asked: Asked) -> Query | None:
    """What an interaction without an id asks for. Raises REQUIRED where it asks for nothing."""
    return criteria(asked.type, asked.query, asked.base, asked.version) if asked.place.shape == "T" else None


def _resource(asked: Asked, sent: Any, *, placing: bool = True) -> dict[str, Any]:
    """A resource, when it is a valid one of this type, as R4, with addresses of ours made relative."""
    try:
        return taken(asked, sent, asked.place.type)
    except Problem as problem:
        raise (placed(problem, asked.where, asked.where) if placing else problem) from None


def _version_in(resource: dict[str, Any]) -> int | None:
    said = resource.get("meta", {}).get("versionId")
    return None if said is None else version_of(f'"{said}"')


def _refuse(what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(Trouble.INVALID, what[:1].upper() + what[1:], (Fault(what, where, mend),))
