"""What is sent with an override, through either door, and what is told of one."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from api import forms
from api.overriding import Wanted
from db.overrides import Override, Use
from fhir_facade.drafts import moment
from plan.identity import NHS_NUMBER, identity
from plan.kinds.types import Form, Line
from plan.model import Json, PersonId
from plan.override import MINUTES, TEXT, Outcome
from plan.problem import Fault, Problem, Trouble

DAY = 86_400_000
_WHO = ("person", "identifier", "nhs_number")


def _why(value: str) -> str:
    if not TEXT[0] <= len(value.strip()) <= TEXT[1]:
        raise ValueError(f"says why in {TEXT[0]} to {TEXT[1]} characters")
    return value


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.-]{1,64}$")]
Reason = Literal["emergency", "safeguarding", "unconscious-or-unable", "urgent-discharge", "legal-duty"]
Why = Annotated[str, Field(max_length=4 * TEXT[1]), AfterValidator(_why)]


class Opening(Form):
    """An override that is asked for. One of `person`, `identifier` (`system|value`) and `nhs_number` says whose plan;
    `text` says why in 10 to 1,000 characters; `minutes` is 60 when nobody says.
    """

    person: Id | None = None
    identifier: Line | None = None
    nhs_number: Line | None = None
    reason: Reason
    text: Why
    minutes: Annotated[int, Field(ge=1, le=MINUTES)] | None = None


class Reviewing(Form):
    """What looking into an override came to. With `needs-more-information` it stays in the queue."""

    outcome: Literal["appropriate", "inappropriate", "needs-more-information"]
    comment: Why


def wanted(body: dict[str, Json]) -> Wanted:
    """What is asked for. Raises UNPROCESSABLE with every fault at its place."""
    _must_be(Opening, body, "override", _unnamed(body))
    return Wanted(
        person=PersonId(body["person"]) if "person" in body else None,
        identifier=_identity(body),
        reason=body["reason"],
        text=body["text"].strip(),
        minutes=body.get("minutes", MINUTES),
    )


def reviewed(body: dict[str, Json]) -> tuple[Outcome, str]:
    """Outcome and comment. Raises UNPROCESSABLE with every fault at its place."""
    _must_be(Reviewing, body, "review")
    return Outcome(body["outcome"]), body["comment"].strip()


def told(one: Override, use: Use, now: int) -> dict[str, Json]:
    """An override with what was done under it, for its maker and for auditors. `age_days`: how long it waits."""
    said: dict[str, Any] = {
        "id": one.id,
        "person": one.person,
        "opened": moment(one.since),
        "expires": moment(one.until),
        "by": {"subject": one.subject, "role": one.role, "agency": one.agency},
        "reason": one.reason,
        "text": one.text,
        "sections_read": sorted(use.sections),
        "events": use.events,
        "state": "open" if one.reviewed_at is None else "reviewed",
    }
    if one.name:
        said["by"]["name"] = one.name
    if one.reviewed_at is None:
        said["age_days"] = max(0, now - one.since) // DAY
    if one.outcome:
        said["review"] = {"outcome": one.outcome, "comment": one.comment, "by": one.reviewed_by}
    if one.reviewed_at is not None:
        said["review"]["at"] = moment(one.reviewed_at)
    return said


def _must_be(form: type[Form], body: dict[str, Json], noun: str, more: Iterable[Fault] = ()) -> None:
    """Raise one problem with every fault; an empty body lacks every part by its name."""
    lacking = [name for name, field in form.model_fields.items() if field.is_required()]
    faults = [Fault(f"{name} is required", (name,), "Send it.", Trouble.REQUIRED) for name in lacking]
    faults = [*(forms.found(form, body, noun) if body else faults), *more]
    if faults:
        raise Problem(Trouble.UNPROCESSABLE, f"The {noun} is not as it must be.", tuple(faults))


def _unnamed(body: dict[str, Json]) -> Iterator[Fault]:
    """Exactly one thing says whose plan."""
    named = [name for name in _WHO if name in body]
    if not named:
        mend = "Send person, identifier or nhs_number."
        yield Fault("nobody is named whose plan is to be opened", ("person",), mend, Trouble.REQUIRED)
    for name in named[1:]:
        yield Fault(f"{name} stands beside {named[0]}", (name,), "Send one of them.", Trouble.BAD_VALUE)


def _identity(body: dict[str, Json]) -> tuple[str, str] | None:
    name = next((name for name in _WHO[1:] if name in body), None)
    if name is None:
        return None
    system, _, value = body[name].rpartition("|") if name == "identifier" else (NHS_NUMBER, "", body[name])
    try:
        return identity(system, value)
    except ValueError as error:
        mend = "Write it as system|value." if name == "identifier" else "Check the number."
        raise Problem(Trouble.UNPROCESSABLE, "", (Fault(str(error), (name,), mend, Trouble.BAD_VALUE),)) from None
