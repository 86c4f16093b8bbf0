"""$override: a plan is opened for an hour at most, by somebody without a relationship to the person.

Our own (fhir/profiles/). The purpose of use is sent as its v3 code BTG, so that nobody asks for this unawares; what is
then done under it states the same purpose by the header X-Purpose-Of-Use, or by the token.
"""

from collections.abc import Mapping
from typing import Any

from api.fhir_asked import Answer, Asked
from api.operations.sent import said
from api.override_forms import wanted
from api.overriding import Overriding
from fhir_facade import parameters
from fhir_facade.drafts import moment
from fhir_facade.parameters import In, Said
from fhir_facade.references import RELATIVE
from fhir_facade.systems import HL7, OVERRIDE_REASON
from plan.override import BREAK_THE_GLASS
from plan.problem import Fault, Path, Problem, Trouble

ACT_REASON = f"{HL7}/v3-ActReason"
TAKES = (
    In("patient", "Reference"),
    In("identifier", "Identifier"),
    In("purpose", "Coding"),
    In("reason", "Coding"),
    In("text", "string"),
    In("minutes", "integer"),
)


async def open_plan(asked: Asked) -> Answer:
    """Open it, and say until when."""
    told = said(asked, TAKES)
    body, faults = _body(told)
    try:
        want = wanted(body)
    except Problem as problem:
        faults += [Fault(one.what, _SENT.get(one.where, one.where), one.mend, one.trouble) for one in problem.faults]
    if faults:
        placed = [Fault(one.what, ("Parameters", *one.where), one.mend, one.trouble) for one in faults]
        raise Problem(Trouble.UNPROCESSABLE, "", tuple(placed))
    opened = (await Overriding.of(asked.desk).open(asked.visit, want)).override
    return Answer(
        text=parameters.written(
            ("override", "valueString", opened.id),
            ("patient", "valueReference", {"reference": f"Patient/{opened.person}"}),
            ("expires", "valueInstant", moment(opened.until)),
        )
    )


_SENT: Mapping[Path, Path] = {("person",): ("patient",), ("nhs_number",): ("identifier",)}
"""What the native form calls it, and what is sent here."""


def _body(told: Said) -> tuple[dict[str, Any], list[Fault]]:
    """What was sent in its native form, and what is wrong with it that this form does not know."""
    faults = []
    purpose = parameters.one(told, "purpose")
    if purpose is None:
        mend = f"Send the code {BREAK_THE_GLASS} of {ACT_REASON}."
        faults.append(Fault("purpose is required", ("purpose",), mend, Trouble.REQUIRED))
    elif not _is(purpose, ACT_REASON, BREAK_THE_GLASS):
        mend = f"Send the code {BREAK_THE_GLASS} of {ACT_REASON}."
        faults.append(Fault("an override is asked for under one purpose alone", ("purpose",), mend, Trouble.BAD_VALUE))
    body: dict[str, Any] = {name: parameters.one(told, name) for name in ("text", "minutes") if name in told}
    reason = parameters.one(told, "reason")
    if reason is not None:
        ours = reason.get("system") == OVERRIDE_REASON
        body["reason"] = reason.get("code", "") if ours else ""
    body |= _who(told)
    return body, faults


def _who(told: Said) -> dict[str, str]:
    """Whose plan: a reference to a Patient here, or an identifier, which a reference may hold too."""
    reference, identifier = (parameters.one(told, name) for name in ("patient", "identifier"))
    found: dict[str, str] = {}
    if reference is not None and "reference" not in reference:
        identifier, reference = reference.get("identifier", identifier), None
    if reference is not None:
        named = RELATIVE.fullmatch(str(reference["reference"]))
        found["person"] = named["id"] if named and named["type"] == "Patient" else "?"
    if identifier is not None:
        found["identifier"] = f"{identifier.get('system', '')}|{identifier.get('value', '')}"
    return found


def _is(coding: dict[str, Any], system: str, code: str) -> bool:
    return coding.get("system") == system and coding.get("code") == code
