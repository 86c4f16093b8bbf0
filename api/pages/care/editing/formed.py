"""The page of a form over the fields of a native form: what is asked first, more rows of a list, what is wrong where.

Changing an entry (changing.py), adding one (adding.py) and a section's own words (summaries.py) have it in common.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.editing.choices import Choices
from api.pages.care.editing.fielded import Field, written
from api.pages.care.editing.shaping import Shaper
from api.pages.care.forms import WHOLE, Form
from api.pages.care.reader import Reader
from plan.kinds import KINDS, SECTION
from plan.kinds.types import Form as Native
from plan.known import Known
from plan.model import Json
from plan.problem import Fault, Path, Problem

FIRST: Final[Mapping[str, frozenset[str]]] = {
    "need": frozenset({"status", "severity", "own_words", "since"}),
    "goal": frozenset({"own_words", "importance", "attainment", "due", "review_date"}),
    "action": frozenset({"who", "due", "confidence"}),
    "service": frozenset({"provider", "visits", "gives_medicines", "period"}),
    "instruction": frozenset({"value", "period", "to"}),
    "equipment": frozenset({"needed_by", "supplier", "delivered", "installed", "tested"}),
    "risk": frozenset({"to_whom", "likelihood", "mitigation"}),
    "allergy": frozenset({"status", "reaction", "criticality"}),
    "medicine": frozenset({"dose", "times", "given_by", "time_critical"}),
    "prescription": frozenset({"dose", "times", "prescribed"}),
    "assessment": frozenset({"date", "score", "outcome"}),
    "observation": frozenset({"value", "date", "note"}),
    "document": frozenset({"date", "url", "description"}),
    "contact": frozenset({"relationship", "roles", "phone", "key_holder"}),
    "about_me": frozenset(KINDS["about_me"].form.model_fields),
    "housing": frozenset({"scheme", "access", "household", "scheme_manager"}),
    "benefits": frozenset({"name", "review_date", "next_action"}),
    "contingency": frozenset({"plan_name", "what_should_happen", "who_should_be_contacted"}),
    "legal": frozenset({"attorneys", "advance_decisions", "cpr_decision", "other"}),
    "stay": frozenset({"hospital", "ward", "admitted", "planned_discharge"}),
    "flag": frozenset({"sections"}),
    "section": frozenset({"summary", "review_date", "nothing_to_say"}),
}
"""What is asked first; the rest stands below, for whoever has more to say."""


def native_form(kind: str) -> type[Native]:
    """The native form of a kind, or of a section's own words."""
    return SECTION.form if kind == SECTION.name else KINDS[kind].form


def fields_of(
    reader: Reader, known: Known, kind: str, body: Mapping[str, Json], form: Form | None = None
) -> tuple[Field, ...]:
    """The fields of an entry; as many rows of lists as the form had, and one more where a button asked for it."""
    counts = {name.removesuffix("-count"): form.number(name) or 0 for name in form.names} if form else {}
    more = form.text("more") if form else ""
    if more:
        counts[more] = counts.get(more, 0) + 1
    fields = Shaper(Choices(known, reader.wording(known)), counts).fields(native_form(kind), body)
    # A section is called what the charter calls it.
    return tuple(one for one in fields if not (kind == SECTION.name and one.key == "title"))


def with_changes(was: Mapping[str, Json], changed: Mapping[str, Json]) -> dict[str, Json]:
    """The body with what was changed."""
    return {name: value for name, value in (dict(was) | dict(changed)).items() if value is not None}


def blame(form: Form, problem: Problem, fields: tuple[Field, ...]) -> None:
    """Put what was refused beside its inputs, by what they are called on the page. Raises what no form can mend."""
    inputs = {one.name: one for field in fields for one in field.each()}
    placed = tuple(_placed(fault, inputs) for fault in problem.faults)
    form.blame(Problem(problem.trouble, problem.detail, placed))


def _placed(fault: Fault, inputs: Mapping[str, Field]) -> Fault:
    """A fault at the nearest input to where it stands, in the words of the page."""
    where: Path = fault.where
    while where and "-".join(map(str, where)) not in inputs:
        where = where[:-1]
    field = inputs.get("-".join(map(str, where)))
    if field is None:
        return Fault(fault.what, (WHOLE,), fault.mend)
    rest = fault.what.removeprefix(f"{fault.where[-1]} ")
    return Fault(fault.what if rest == fault.what else f"{field.label} {rest}", (field.name,), fault.mend)


def page(
    reader: Reader, known: Known, kind: str, fields: tuple[Field, ...], form: Form, *, status: int = 200, **said: Any
) -> Response:
    """The page of a form. `now`: by the name of a field, what it is since somebody else changed it."""
    first = [one for one in fields if _is_first(kind, one, form)]
    others = [one for one in fields if one not in first]
    opened = any(_typed(one, form) or form.text("more") == one.name for one in others)
    told = {"now": {}, "why": True, "hidden": {}, "restricted": ()} | said
    return reader.page(
        "care/changing.html", known, status, form=form, first=first, others=others, opened=opened, **told
    )


def _is_first(kind: str, field: Field, form: Form) -> bool:
    blamed = any(form.fault_of(part.name) for part in field.each())
    return field.needed or field.key in FIRST.get(kind, ()) or field.value is not None or blamed


def _typed(field: Field, form: Form) -> bool:
    return any(one.strip() for name in written([field]) if not name.endswith("-count") for one in form.all(name))
