"""Writing through the FHIR door: create, conditional create, update, delete. FHIR R4 http.html.

A request, or an entry of a Bundle, becomes a deed; what came of the deed becomes the answer. Nothing is written here.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from api.deeds import Deed, Did, Outcome
from api.desk import Replayed
from api.door import version_of
from api.fhir_asked import Answer, Asked, message, placed
from auth.access import Verb
from fhir_facade.query import criteria
from fhir_facade.references import relative, rewrite
from fhir_facade.validate import validate
from fhir_facade.versions import R4
from plan.problem import Fault, Path, Problem, Trouble

_STATUS: Mapping[Did, int] = {Did.CREATED: 201, Did.DELETED: 204}
_TOLD: Mapping[Did, str] = {
    Did.CREATED: "It was created.",
    Did.FOUND: "It was there already; nothing was written.",
}


async def write(asked: Asked) -> Answer:
    """One create, update or delete."""
    deed = deed_of(asked)
    try:
        outcomes = await asked.desk.write(asked.visit, [deed])
    except Problem as problem:
        raise worded(problem, asked) from None
    assert not isinstance(outcomes, Replayed)  # no key was given
    return answer(asked, outcomes[0])


def deed_of(asked: Asked) -> Deed:
    """What the desk is asked to do. Raises a Problem with the place of each fault in what was sent."""
    return _DEEDS[asked.method](asked)


def worded(problem: Problem, asked: Asked, whole: Path = ()) -> Problem:
    """A problem of the desk as this door says it.

    Who puts to an id that is not there, or not for them, meant to make it up: ids are made here, and both get the
    same 405.
    """
    if asked.method == "PUT" and problem.trouble is Trouble.NOT_FOUND:
        what = "there is nothing to update under this id, and ids are made here"
        fault = Fault(what, mend=f"Create it by POST to /{asked.place.type}.")
        problem = Problem(Trouble.NO_METHOD, "", (fault,), headers={"Allow": "GET, HEAD"})
    return placed(problem, asked.where, whole)


def answer(asked: Asked, outcome: Outcome) -> Answer:
    """What came of a deed, with as much of it as the client prefers."""
    stored, did = outcome.stored, outcome.did
    location = ""
    if did in (Did.CREATED, Did.FOUND):
        type_ = asked.version.shown_type(stored.type)
        location = f"{asked.base}/{type_}/{stored.id}/_history/{stored.version}"
    wanted = asked.preferred("return")
    text = "" if did is Did.DELETED or wanted == "minimal" else asked.version.shown(stored.fhir)
    if wanted == "operationoutcome" and did is not Did.DELETED:
        text = message(_TOLD.get(did, "It was updated."))
    return Answer(status=_STATUS.get(did, 200), text=text, version=stored.version, at=stored.at, location=location)


def _create(asked: Asked) -> Deed:
    deed = Deed(verb=Verb.CREATE, type=asked.type, resource=_resource(asked))
    condition = asked.headers.get("if-none-exist")
    if condition is not None:
        deed.unless = criteria(asked.type, condition, asked.base)
    return deed


def _update(asked: Asked) -> Deed:
    id_, resource = asked.id, _resource(asked)
    said = resource.get("id")
    if said != id_:
        what = "the resource has no id" if said is None else "the id of the resource is not the one in the address"
        _refuse(what, (*asked.where, "id"), f"Send the id {id_}.")
    version = version_of(asked.headers.get("if-match"))
    if version is None:
        version = _version_in(resource, asked.where)
    return Deed(verb=Verb.UPDATE, type=asked.type, id=id_, resource=resource, version=version)


def _delete(asked: Asked) -> Deed:
    version = version_of(asked.headers.get("if-match"))
    return Deed(verb=Verb.DELETE, type=asked.type, id=asked.id, version=version)


_DEEDS: Mapping[str, Callable[[Asked], Deed]] = {"POST": _create, "PUT": _update, "DELETE": _delete}


def _resource(asked: Asked) -> dict[str, Any]:
    """The resource that was sent, when it is a valid one of this type, as R4, with addresses of ours made relative.

    What came in another version is judged as R4 once more: its extensions may have brought elements home.
    """
    try:
        validate(asked.resource, asked.place.type, asked.version.name)
        taken = asked.version.taken(asked.resource)
        if asked.version is not R4:
            validate(taken, asked.type)
    except Problem as problem:
        raise placed(problem, asked.where, asked.where) from None
    return rewrite(taken, lambda address: relative(address, asked.base))


def _version_in(resource: dict[str, Any], where: Path) -> int:
    said = resource.get("meta", {}).get("versionId")
    if said is None:
        what = "neither If-Match nor meta.versionId says which version is changed"
        fault = Fault(what, (*where, "meta", "versionId"), "Read the resource, change it, and send it back whole.")
        raise Problem(Trouble.VERSION_UNSAID, "", (fault,))
    version = version_of(f'"{said}"')
    assert version is not None
    return version


def _refuse(what: str, where: Path, mend: str) -> NoReturn:
    raise Problem(Trouble.INVALID, what[:1].upper() + what[1:], (Fault(what, where, mend),))
