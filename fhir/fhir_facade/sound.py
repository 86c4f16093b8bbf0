"""Whether a native change leaves a valid R4 face, and which of its fields is to blame when it does not.

A native form makes a valid face by itself (tests/fhir_facade/test_native_validity.py). A face that an EHR wrote holds
more than the form knows, and a rule of FHIR may need a field for the sake of what it does not know: an attachment with
data needs its content type (att-1).
"""

from collections.abc import Iterator

from fhir_facade import lens
from fhir_facade.face import Face
from fhir_facade.lens import Body, Resource
from fhir_facade.validate import validate
from plan.problem import Fault, Path, Problem, Trouble

_MEND = "Leave it as it was, or change it through FHIR, together with what stands beside it there."


def must_stay_sound(face: Face, body: Body, before: Resource, made: Resource) -> None:
    """Insist that `made`, which is `before` with `body` put into it, is valid R4, unless `before` was not itself.

    Raises Problem(INVALID) with a fault at each native field that breaks a rule.
    """
    wrong = _wrong(made)
    if wrong is None or _wrong(before):
        return
    what = f"what an EHR wrote beside this does not allow it: {wrong.faults[0].what}"
    places: list[Path] = [(name,) for name in _guilty(face, body, before)]
    faults = tuple(Fault(what, where, _MEND, Trouble.INVALID) for where in places)
    raise Problem(Trouble.INVALID, "The entry would not be valid FHIR any more.", faults)


def _guilty(face: Face, body: Body, before: Resource) -> list[str]:
    """The changed fields that alone break a rule; where none does, all of them together."""
    changed = list(_changed(face, body, before))
    seen = lens.view(face.fields, before)
    alone = [
        name
        for name in changed
        if _wrong(lens.put(face.fields, {**seen, name: body.get(name)}, before))  # None is "not there"
    ]
    return alone or changed


def _changed(face: Face, body: Body, before: Resource) -> Iterator[str]:
    for name, one in face.fields:
        if not lens.same(one.view(before), body.get(name)):
            yield name


def _wrong(resource: Resource) -> Problem | None:
    try:
        validate(resource)
    except Problem as problem:
        return problem
    return None
