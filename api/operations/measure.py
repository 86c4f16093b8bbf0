"""$evaluate-measure: a measure as a MeasureReport, of a person or of many.

Source: FHIR R4 OperationDefinition Measure-evaluate-measure. The numbers are those of /v1/measures, with
the same leave; nothing is kept.
"""

from typing import Any

from api.fhir_asked import Answer, Asked
from api.measuring import Wanted, measured
from api.operations.sent import said
from fhir_facade import exact, measure_report, parameters
from fhir_facade.drafts import moment
from fhir_facade.parameters import In
from fhir_facade.searched import ID
from plan.model import PersonId
from plan.problem import Fault, Problem, Trouble

TAKES = (
    In("measure", "uri"),
    In("periodStart", "date"),
    In("periodEnd", "date"),
    In("subject", "uri"),
    In("reportType", "code"),
)
_TYPES = frozenset({"subject", "individual", "population", "summary"})


async def evaluate(asked: Asked) -> Answer:
    """The report. The period has both ends in it, as FHIR has it."""
    told = said(asked, TAKES)
    kind = parameters.one(told, "reportType")
    if kind is not None and kind not in _TYPES:
        raise _refused("reportType", f"{str(kind)[:32]!r} is no report that is made here", Trouble.NOT_SUPPORTED)
    subject = parameters.one(told, "subject")
    wanted = Wanted(
        names=(measure_report.named(str(_needed(told, "measure"))),),
        person=_person(subject),
        since=_end(told, "periodStart", 0),
        until=_end(told, "periodEnd", 1) + 1,
        only={},
    )
    found = await measured(asked.desk, asked.visit, wanted)
    measure, figures = found.found[0]
    period = {"start": moment(found.since), "end": moment(found.until - 1)}
    date = moment(asked.desk.store.clock())
    resource = measure_report.report(measure, figures, period, date, f"Patient/{wanted.person}" if subject else "")
    return Answer(text=asked.version.shown(exact.text(resource)))


def _needed(told: parameters.Said, name: str) -> Any:
    value = parameters.one(told, name)
    if value is None:
        raise _refused(name, f"{name} is needed", Trouble.REQUIRED)
    return value


def _end(told: parameters.Said, name: str, end: int) -> int:
    """The first or the last millisecond of a day, a month or a moment."""
    return int(_needed(told, name)[end])


def _person(subject: Any) -> PersonId | None:
    if subject is None:
        return None
    type_, _, id_ = str(subject).rpartition("/")
    if type_ not in ("Patient", "") or not ID.match(id_):
        raise _refused("subject", "subject is no reference to a Patient of this server", Trouble.BAD_VALUE)
    return PersonId(id_)


def _refused(name: str, what: str, trouble: Trouble) -> Problem:
    return Problem(trouble, what, (Fault(what, ("Parameters", name)),))
