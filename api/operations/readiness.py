"""$discharge-readiness: whether somebody can go home now, and if not, what is missing and from whom.

Our own (fhir/profiles/). It is computed from what the caller may see, each time that it is asked, and names the
versions that it was computed from. Asked of a CarePlan it is about the stay that is open; `stay` names another.
"""

from collections.abc import Iterator
from typing import Any

from api.fhir_asked import Answer, Asked
from api.operations.sent import said
from api.readiness import Readiness, of, readiness_of
from fhir_facade import parameters
from fhir_facade.drafts import moment
from fhir_facade.parameters import In
from fhir_facade.references import RELATIVE
from fhir_facade.systems import READINESS_ITEM
from plan.discharge_facts import stays
from plan.discharge_items import Held
from plan.known import Known
from plan.model import EntryId, PersonId
from plan.problem import Fault, Problem, Trouble

TAKES = (In("stay", "Reference"),)
Part = tuple[str, str, Any]


async def readiness(asked: Asked) -> Answer:
    """The readiness of the stay that is named, or of the one of a CarePlan's person whose discharge is planned."""
    id_ = _named(asked)
    if asked.place.id:
        person = PersonId((await asked.desk.read(asked.visit, "CarePlan", asked.id)).person)
        if id_ is None:
            return _answer(_current(await asked.desk.known(asked.visit, person)))
    elif id_ is None:
        what = "stay is needed"
        raise Problem(Trouble.REQUIRED, what, (Fault(what, ("Parameters", "stay"), "Name an Encounter."),))
    else:
        person = (await asked.desk.read(asked.visit, "Encounter", id_)).person
    return _answer(await readiness_of(asked.desk, asked.visit, person, id_))


def _current(known: Known) -> Readiness:
    found = stays(known)
    open_ = [one for one in found if not one.closed]
    chosen = [one for one in open_ if one.asked] or open_ or found
    if not chosen:
        raise Problem(Trouble.NOT_FOUND, "There is no stay in this plan.")
    return of(known, chosen[-1].entry)


def _named(asked: Asked) -> EntryId | None:
    reference = parameters.one(said(asked, TAKES), "stay")
    if reference is None:
        return None
    named = RELATIVE.fullmatch(str(reference.get("reference", "")))
    if named is None or named["type"] != "Encounter":
        what = "stay is no reference to an Encounter of this server"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, ("Parameters", "stay"), "Send Encounter/ID."),))
    return EntryId(named["id"])


def _answer(found: Readiness) -> Answer:
    gate = found.gate
    parts: list[Part] = [
        ("stay", "valueReference", {"reference": found.reference}),
        ("state", "valueCode", str(gate.state)),
        ("at", "valueInstant", moment(gate.at)),
    ]
    planned = found.stay.planned_text
    parts += [("planned", "valueDateTime", planned)] if planned else []
    for name in ("open", "stale"):
        parts += [(name, "valueCoding", {"system": READINESS_ITEM, "code": code}) for code in getattr(gate, name)]
    parts += [("reason", "valueString", one) for one in gate.reasons]
    parts += [("evaluatedOn", "valueReference", {"reference": one}) for one in gate.evaluated_on]
    parts += [("item", "part", [*_item(one)]) for one in gate.items]
    return Answer(text=parameters.written(*parts))


def _item(one: Held) -> Iterator[dict[str, Any]]:
    yield {"name": "code", "valueCoding": {"system": READINESS_ITEM, "code": one.code, "display": one.title}}
    yield {"name": "state", "valueCode": str(one.state)}
    yield {"name": "blocking", "valueBoolean": one.blocking}
    yield {"name": "owner", "valueReference": _reference(one)}
    if one.due is not None:
        yield {"name": "due", "valueInstant": moment(one.due)}
    if one.entry:
        yield {"name": "task", "valueReference": {"reference": one.entry.reference}}


def _reference(one: Held) -> dict[str, str]:
    names = {"reference": "reference", "name": "display"}
    return {names[name]: str(value) for name, value in one.who.items() if name in names}
