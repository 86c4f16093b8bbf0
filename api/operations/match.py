"""$match: who of the people whom the caller works with a Patient may be, and how sure that is.

Source: FHIR R4 OperationDefinition Patient-match. Nobody whom the caller may not see is ever compared, so that neither
a score nor its absence tells of them.
"""

from api.desk_operations import Operations
from api.fhir_asked import Answer, Asked
from api.operations.sent import said, taken
from fhir_facade import exact, found, parameters
from fhir_facade.match import GRADE, Likeness
from fhir_facade.parameters import In
from plan.problem import Fault, Problem, Trouble

TAKES = (In("resource", "resource"), In("onlyCertainMatches", "boolean"), In("count", "integer"))
MOST = 100
_USUAL = 20
_SEVERAL = "More than one person is a certain match: none is given. Ask without onlyCertainMatches, and let one decide."


async def match(asked: Asked) -> Answer:
    """The likely ones, the likeliest first."""
    told = said(asked, TAKES, bare="Patient")
    resource = parameters.one(told, "resource")
    if resource is None:
        what = "there is no Patient to match"
        raise Problem(Trouble.REQUIRED, "", (Fault(what, ("resource",), "Send it as the parameter resource."),))
    patient = taken(asked, resource, "Patient", ("Patient",))
    only = parameters.one(told, "onlyCertainMatches", default=False)
    count = min(parameters.one(told, "count", _USUAL), MOST)
    matches = await Operations.of(asked.desk).match(asked.visit, patient, certain=only, count=count)
    several = only and len(matches) > 1
    shown = [] if several else [_found(hit.id, hit.text, like) for hit, like in matches]
    if several:
        shown.append(_outcome(asked.visit.request))
    text = found.searchset(
        shown,
        asked.base,
        asked.version,
        self_=f"{asked.base}/Patient/$match",
        total=0 if several else len(shown),
    )
    return Answer(text=text)


def _found(id_: str, text: str, like: Likeness) -> found.Found:
    grade = {"url": GRADE, "valueCode": like.grade}
    search = {"extension": [grade], "mode": "match", "score": like.score}
    return found.Found(type="Patient", id=id_, text=text, search=search)


def _outcome(request: str) -> found.Found:
    issue = {"severity": "warning", "code": "multiple-matches", "details": {"text": _SEVERAL}}
    text = exact.text({"resourceType": "OperationOutcome", "issue": [issue]})
    address = f"urn:uuid:{request}"
    return found.Found(type="OperationOutcome", id=request, text=text, search={"mode": "outcome"}, address=address)
