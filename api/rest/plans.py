"""Plans: the whole of one in one call, and its sections. Stored bytes are joined, never parsed."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api import forms
from api.deeds import Deed
from api.frame import section_slot
from api.rest import asked, said
from auth.access import Verb
from plan.kinds import SECTION
from plan.model import PLAN_SECTIONS, Section, Slot, Stored

_FRAME = {Slot.PATIENT.value: "person", Slot.ROOT.value: "plan", Slot.TEAM.value: "team"}


async def whole(request: Request) -> Response:
    """Everything of a plan that the caller may see, now or as it was."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, "at")
    at = asked.moment(terms["at"], "at") if "at" in terms else None
    return said.view(request, shown(await asked.desk_of(request).plan(visit, person, at)))


async def sections(request: Request) -> Response:
    """What each section that may be read says of itself, in the charter's order."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    found = await asked.desk_of(request).kind(visit, person, SECTION.name, None)
    ordered = sorted(found, key=lambda one: PLAN_SECTIONS.index(one.section))
    return said.view(request, said.items(one.body for one in ordered))


async def section(request: Request) -> Response:
    """One section with its entries by kind."""
    visit, person, name = await asked.visit_of(request), asked.person_of(request), asked.section_of(request)
    asked.terms(request)
    return said.view(request, _section(await asked.desk_of(request).plan(visit, person, section=name)))


async def amend_section(request: Request) -> Response:
    """Change what a section says of itself; its entries stay."""
    visit, person, name = await asked.visit_of(request), asked.person_of(request), asked.section_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    form = forms.read(SECTION, body, {"kind": SECTION.name, "section": name.value})
    deed = Deed(
        verb=Verb.UPDATE,
        type="CarePlan",
        kind=SECTION.name,
        slot=section_slot(name),
        person=person,
        body=form.fields,
        version=asked.version_said(request, form.version),
    )
    return await said.written(request, visit, deed, raw)


def shown(entries: Sequence[Stored]) -> str:
    """A plan as JSON text: person, plan, team, then the sections in the charter's order."""
    frame = {_FRAME.get(one.slot or "", ""): one.body for one in entries if one.section is Section.FRAME}
    parts = [f'"{name}":{frame[name]}' for name in _FRAME.values() if name in frame]
    secret = [one.body for one in entries if one.kind == Slot.TEAM.value and not one.slot]
    parts += [f'"restricted_teams":[{",".join(secret)}]'] if secret else []
    by_section: dict[Section, list[Stored]] = {}
    for one in entries:
        by_section.setdefault(one.section, []).append(one)
    each = [f'"{name}":{_section(by_section[name])}' for name in PLAN_SECTIONS if name in by_section]
    return _object([*parts, '"sections":' + _object(each)])


def _section(entries: Sequence[Stored]) -> str:
    own = [f'"section":{one.body}' for one in entries if one.slot]
    kinds: dict[str, list[str]] = {}
    for one in entries:
        if not one.slot:
            kinds.setdefault(one.kind, []).append(one.body)
    return _object([*own, *(f'"{kind}":[{",".join(bodies)}]' for kind, bodies in kinds.items())])


def _object(members: Sequence[str]) -> str:
    return "{" + ",".join(members) + "}"
