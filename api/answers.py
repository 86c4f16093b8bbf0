"""A problem as the door says it: RFC 9457 problem+json or FHIR OperationOutcome. The only place that words errors."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.fhir_form import Form
from fhir_facade import exact
from plan.diff import pointer
from plan.problem import Fault, Path, Problem, Trouble

_PLAIN = Form("R4")
_BY_STATUS = {trouble.value.status: trouble for trouble in reversed(Trouble)}


def problem_json(problem: Problem, request: str) -> Response:
    """RFC 9457: status, title, a stable `code`, and one entry of `errors` for each fault, with its JSON pointer."""
    line = problem.trouble.value
    body: dict[str, Any] = {
        "type": f"https://oneplan.example/problems/{line.code}",
        "title": line.title,
        "status": line.status,
        "code": line.code,
        "detail": problem.detail or str(problem),
        "request_id": request,
    }
    if problem.faults:
        body["errors"] = [_error(fault) for fault in problem.faults]
    body |= dict(problem.extra)
    return Response(exact.dumps(body), line.status, dict(problem.headers), "application/problem+json")


def outcome(problem: Problem, request: str, form: Form = _PLAIN) -> Response:
    """FHIR R4 operationoutcome.html: one issue for each fault, or one for the problem as a whole."""
    line = problem.trouble.value
    body = exact.dumps({"resourceType": "OperationOutcome", "id": request, "issue": issues(problem)})
    return Response(form.written(body), line.status, dict(problem.headers), form.own_media)


def issues(problem: Problem, severity: str = "error") -> list[dict[str, Any]]:
    """The issues of a problem, for an OperationOutcome that is its answer, or that only reports it ($validate)."""
    faults = problem.faults or (Fault(problem.detail or problem.trouble.value.title),)
    return [_issue(problem, fault) | {"severity": severity} for fault in faults]


def of_http(error: HTTPException) -> Problem:
    """What the router itself refuses (no such address, no such method), in our words."""
    trouble = _BY_STATUS.get(error.status_code, Trouble.INVALID if error.status_code < 500 else Trouble.BROKEN)  # noqa: PLR2004
    detail = "" if trouble in (Trouble.NOT_FOUND, Trouble.NO_METHOD) else str(error.detail)
    return Problem(trouble, detail, headers=dict(error.headers or {}))


def _error(fault: Fault) -> dict[str, str]:
    said = {"pointer": pointer(fault.where), "detail": fault.what, "mend": fault.mend}
    return {name: value for name, value in said.items() if value or name == "pointer"}


def _issue(problem: Problem, fault: Fault) -> dict[str, Any]:
    said = fault.what if not fault.mend else f"{fault.what}. {fault.mend}"
    issue: dict[str, Any] = {
        "severity": "error",
        "code": (fault.trouble or problem.trouble).value.issue,
        "details": {"text": said[:1].upper() + said[1:]},
    }
    extra = ", ".join(f"{name}: {value}" for name, value in problem.extra.items())
    diagnostics = "; ".join(part for part in (problem.detail, extra) if part and part not in said)
    if diagnostics:
        issue["diagnostics"] = diagnostics
    if fault.where:
        issue["expression"] = [_expression(fault.where)]
    return issue


def _expression(where: Path) -> str:
    """A path as FHIRPath: `CarePlan.activity[0].detail`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
