"""$merge and $undo-merge: two people found to be one, and the way back.

Source: FHIR R5 OperationDefinition Patient-merge; the way back is our own (fhir/profiles/). The answer is a Parameters
resource with what was sent, an OperationOutcome that counts, the Patient who stays, and the Task of the review.
"""

from typing import Any, NoReturn

from api.desk_operations import Operations
from api.fhir_asked import Answer, Asked
from api.merging import Merged
from api.operations.sent import said, taken
from fhir_facade import found, merge, parameters
from fhir_facade.parameters import In, Said
from fhir_facade.references import RELATIVE
from plan.identity import identity
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble
from plan.query import Condition, Query, Token

_WHO = tuple(
    one
    for who in ("source", "target")
    for one in (In(f"{who}-patient", "Reference"), In(f"{who}-patient-identifier", "Identifier", many=True))
)
TAKES = (*_WHO, In("result-patient", "resource"), In("preview", "boolean"))
_MOST_IDENTIFIERS = 20


async def join(asked: Asked) -> Answer:
    """Merge the source into the target, or tell what that would do."""
    told = said(asked, TAKES)
    desk = Operations.of(asked.desk)
    source, target = [await _person(asked, told, who) for who in ("source", "target")]
    result = parameters.one(told, "result-patient")
    if result is not None:
        result = taken(asked, result, "Patient", ("Parameters", "result-patient"))
    if parameters.one(told, "preview", default=False):
        seen = await desk.preview(asked.visit, source, target)
        return _answer(asked, seen, f"Preview only, nothing was merged. It would copy {_counts(seen)}.", done=False)
    done = await desk.merge(asked.visit, source, target, result)
    return _answer(asked, done, f"Merged. It copied {_counts(done)}; they await review.")


async def part(asked: Asked) -> Answer:
    """Take a merge back."""
    told = said(asked, _WHO)
    source, target = [await _person(asked, told, who) for who in ("source", "target")]
    done = await Operations.of(asked.desk).unmerge(asked.visit, source, target)
    words = f"Taken back. It removed {_counts(done)}."
    if done.kept:
        words += f" Changed since, and kept: {', '.join(done.kept)}."
    return _answer(asked, done, words)


async def _person(asked: Asked, told: Said, who: str) -> PersonId:
    """The one person whom a reference or identifiers name."""
    name = f"{who}-patient"
    reference = parameters.one(told, name)
    identifiers = list(told.get(f"{name}-identifier", ()))
    if reference is not None and "reference" not in reference and "identifier" in reference:
        identifiers, reference = [reference["identifier"]], None
    if (reference is None) == (not identifiers):
        _refuse(Trouble.REQUIRED, f"{name} or {name}-identifier is needed, and not both", name, "Send one of them.")
    if reference is None:
        return await _identified(asked, identifiers, f"{name}-identifier")
    named = RELATIVE.fullmatch(str(reference.get("reference", "")))
    if named is None or named["type"] != "Patient":
        _refuse(Trouble.BAD_VALUE, f"{name} is no reference to a Patient of this server", name, "Send Patient/ID.")
    return PersonId(named["id"])


async def _identified(asked: Asked, identifiers: list[dict[str, Any]], name: str) -> PersonId:
    try:
        pairs = [identity(one.get("system", ""), one.get("value", "")) for one in identifiers[:_MOST_IDENTIFIERS]]
    except ValueError as error:
        _refuse(Trouble.BAD_VALUE, str(error), name, "Send it with its system.")
    conditions = tuple(Condition("identifier", (Token(value, system),)) for system, value in pairs)
    hits = (await asked.desk.search(asked.visit, Query(type="Patient", conditions=conditions, count=2))).hits
    if not hits:
        _refuse(Trouble.UNMATCHED, "nobody has all of these identifiers", name, "Send what names one person.")
    if len(hits) > 1:
        _refuse(Trouble.MANY, "more than one has these identifiers", name, "Send a reference.")
    return hits[0].person


def _counts(merged: Merged) -> str:
    total = sum(merged.seen.values())
    listed = ", ".join(f"{section.value} {count}" for section, count in sorted(merged.seen.items()))
    return f"{total} {'entry' if total == 1 else 'entries'} that you may see{f' ({listed})' if listed else ''}"


def _answer(asked: Asked, merged: Merged, words: str, *, done: bool = True) -> Answer:
    parts: list[tuple[str, str, Any]] = []
    if asked.resource is not None:
        parts.append(("input", "resource", asked.resource))
    parts.append(("outcome", "resource", merge.outcome(words)))
    if done:
        parts.append(("result", "resource", found.spliced(asked.version.shown(merged.target.fhir))))
    if merged.task:
        parts.append(("task", "resource", found.spliced(asked.version.shown(merged.task.fhir))))
    return Answer(text=parameters.written(*parts))


def _refuse(trouble: Trouble, what: str, name: str, mend: str) -> NoReturn:
    raise Problem(trouble, "", (Fault(what, ("Parameters", name), mend),))
