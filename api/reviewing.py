"""Reviews: who signs what, when and for whom is filled in by the service, and what is signed must be how it is now.

A Provenance with a signature whose target is the CarePlan of a section (HL7 FHIR R4 provenance.html, signature) is a
review of that section, by whichever door it came; design: coordination M2, issue 5 part 6. It stands in the section,
so everybody who reads the section reads who signed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api import frame, knowing
from api.contents import stale
from api.deeds import Deed
from api.scoped import shows
from auth.access import Permit, Question, Verb, must_belong, refusal
from fhir_facade import drafts, provenance, systems
from fhir_facade.lens import dig
from fhir_facade.patient import SUBJECT
from plan.attention_missing import fingerprint, may_speak
from plan.charter import Letter
from plan.dates import date_range
from plan.kinds import review
from plan.model import AgencyId, Json, PersonId, Role, Section, Slot, Stored
from plan.override import OVERRIDE
from plan.problem import Fault, Path, Problem, Trouble

if TYPE_CHECKING:
    from api.work import Work

KIND = review.KIND.name
TARGET: Path = ("target",)
"""Where a signature says what it is of."""
_SIGNATURES = "urn:iso-astm:E1762-95:2013"
_REVIEW, _CONSENT = "1.2.840.10065.1.12.1.13", "1.2.840.10065.1.12.1.7"
"""Kinds of signature (ASTM E1762): a review, and the person's consent."""
_PARTICIPANTS = f"{systems.HL7}/provenance-participant-type"
_OUTCOME = systems.own_extension("review-outcome")
_CONTENT = systems.own_extension("signed-content")


async def filled(work: Work, deed: Deed, person: PersonId, permit: Permit, current: Stored | None) -> Deed:
    """The deed with all that the service says of a review; any other is left as it is, and so is what is settled.

    Raises REFUSED, VERSION_UNSAID, STALE, UNPROCESSABLE.
    """
    if deed.settled or not _may_be_one(deed, current):
        return deed
    if current is not None and current.kind == KIND:
        what = "a review that was signed is not changed"
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, mend="Sign again; the newest counts."),))
    resource = deed.resource if deed.resource is not None else _native(deed, person)
    if not (provenance.is_review(resource) or resource.get("signature")):
        return deed
    plan, version = await _signed(work, person, permit, resource)
    if plan is None:
        _must_not_be_marked(resource)
        return deed
    _must_sign(permit, plan.section)
    _must_fit(permit, resource)
    await _must_be_as_it_is(work, permit, plan, version)
    await _must_be_as_seen(work, permit, plan.section, resource)
    made = await _completed(work, resource, plan)
    made = drafts.retold(made) if deed.resource is None else made
    return replace(deed, resource=made, body=None, section=plan.section)


def _may_be_one(deed: Deed, current: Stored | None) -> bool:
    return deed.type == "Provenance" and (deed.resource is not None or deed.body is not None or current is not None)


def _native(deed: Deed, person: PersonId) -> dict[str, Json]:
    section = deed.section or Section.ABOUT_ME
    return drafts.from_body(KIND, deed.body or {}, section, person, AgencyId(""), None).fhir


async def _signed(
    work: Work, person: PersonId, permit: Permit, resource: dict[str, Json]
) -> tuple[Stored | None, int | None]:
    """The section's CarePlan that is signed, and in which version; each section is signed by itself."""
    targets = list(_targets(resource))
    found = []
    for id_, version in targets:
        plan = await work.writing.current(person, id_)
        if plan and (plan.slot or "").startswith(Slot.SECTION.value) and shows(permit, plan):
            found.append((plan, version))
    if found and len(resource["target"]) > 1:
        what = "each section is signed by itself"
        mend = "Send one for each section, in one transaction where they belong together."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, TARGET, mend),))
    return found[0] if found else (None, None)


def _targets(resource: dict[str, Json]) -> Iterator[tuple[Any, int | None]]:
    for one in resource.get("target", ()):
        type_, _, rest = str(one.get("reference", "")).partition("/")
        id_, _, version = rest.partition("/_history/")
        if type_ == "CarePlan":
            yield id_, int(version) if version.isascii() and version.isdigit() else None


def _must_not_be_marked(resource: dict[str, Json]) -> None:
    """What says that it is a review is one of a section, or nothing."""
    if provenance.is_review(resource):
        raise of_no_section(TARGET, "name its CarePlan with the version: CarePlan/id/_history/version")


def of_no_section(where: Path, mend: str) -> Problem:
    """What is said where no section of this plan is named, or none that is there for the caller: the same words."""
    what = "a review is of the CarePlan of a section of this plan"
    return Problem(Trouble.UNPROCESSABLE, what, (Fault(what, where, f"Read the section, and {mend}."),))


def may_sign(permit: Permit, section: Section) -> bool:
    """Whether a permit lets sign a section: who manages it, and whose word on it the plan waits for."""
    if permit.basis == OVERRIDE or section not in permit.letters:
        return False
    return permit.letters[section] is Letter.MANAGE or may_speak(permit.caller.role, section)


def _must_sign(permit: Permit, section: Section) -> None:
    """Who manages a section signs it off, and who is asked to be heard on it."""
    must_belong(permit)
    role = permit.caller.role
    if not may_sign(permit, section):
        what = f"The role {role.value} does not sign off {section.value}.".replace("_", " ")
        raise refusal(Question.CHARTER, what, "Ask an agency that manages the section.")


def _must_fit(permit: Permit, resource: dict[str, Json]) -> None:
    """The person agrees or does not; nobody else can say it for them."""
    said = next((one.get("valueCode") for one in resource.get("extension", ()) if one.get("url") == _OUTCOME), None)
    is_person = permit.caller.role is Role.PERSON
    if is_person is not (said in review.AGREEMENT):
        what = "the person says that they agree or disagree" if is_person else "only the person can agree or disagree"
        mend = "Say agreed or disagreed." if is_person else "Say no_change, plan_amended or change_needed, or nothing."
        raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, ("outcome",), mend),))


async def _must_be_as_it_is(work: Work, permit: Permit, plan: Stored, version: int | None) -> None:
    """The version that is signed is the newest one. Otherwise: what differs."""
    if version is None:
        what = "nothing says which version of the section was seen"
        mend = f"It is at version {plan.version}: read it, and name CarePlan/{plan.id}/_history/{plan.version}."
        raise Problem(Trouble.VERSION_UNSAID, what, (Fault(what, TARGET, mend),))
    if version > plan.version:
        what = f"there is no version {version} of the section yet"
        mend = f"It is at version {plan.version}: read it, and sign what you read."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, TARGET, mend),))
    if version < plan.version:
        deed = Deed(verb=Verb.UPDATE, type=plan.type, version=version)
        raise stale(deed, plan, await work.writing.body_at(permit, plan, version))


async def _must_be_as_seen(work: Work, permit: Permit, section: Section, resource: dict[str, Json]) -> None:
    """Where it says when the section was read: nothing in it has changed since, of what this caller may see."""
    span = date_range(str(resource.get("occurredDateTime", "")))
    if span is None:
        return
    changed = await changed_since(work, permit, section, span[1])
    if changed:
        what = f"{len(changed)} of its entries changed since you read the section. Read them, and sign again."
        raise Problem(Trouble.STALE, what, extra={"changed": changed})


async def changed_since(work: Work, permit: Permit, section: Section, at: int) -> list[str]:
    """Which entries of a section, as `Type/id`, came, changed or went after a moment, of what this caller may see."""
    there = await work.writing.touched_in(permit.person or PersonId(""), section, at)
    return sorted(f"{one.type}/{one.id}" for one in there if not one.slot and one.kind != KIND and shows(permit, one))


async def _completed(work: Work, resource: dict[str, Json], plan: Stored) -> dict[str, Json]:
    """Who, for whom, when, and what exactly."""
    at = drafts.moment(work.writing.at(plan.person))
    first, *others = resource.get("agent") or [{}]
    signer = await _signer(work, plan.person, first.get("who"))
    mine = {**first, "type": first.get("type") or _participant(work), "who": signer}
    if work.visit.caller.role is not Role.PERSON:
        mine["onBehalfOf"] = await _agency(work, first.get("onBehalfOf"))
    signature, *more = resource.get("signature") or [{}]
    kind = _CONSENT if work.visit.caller.role is Role.PERSON else _REVIEW
    signed = {"type": [{"system": _SIGNATURES, "code": kind}], **signature, "when": at, "who": signer}
    plain = {name: value for name, value in resource.items() if name != "_recorded"}
    return {
        **plain,
        "target": [{"reference": f"CarePlan/{plan.id}/_history/{plan.version}"}],
        "recorded": at,
        "activity": _marked(resource.get("activity")),
        "agent": [mine, *others],
        "signature": [{name: value for name, value in signed.items() if name != "_when"}, *more],
        "extension": [*_without(resource, _CONTENT), {"url": _CONTENT, "valueString": await _content(work, plan)}],
    }


def _participant(work: Work) -> dict[str, Json]:
    code = "attester" if work.visit.caller.role is Role.PERSON else "verifier"
    return {"coding": [{"system": _PARTICIPANTS, "code": code}]}


async def _signer(work: Work, person: PersonId, said: Any) -> dict[str, Json]:
    """Who signs: the person, or one of the caller's agency as the directory knows them, or else the account."""
    caller = work.visit.caller
    if caller.role is Role.PERSON:
        return {"reference": f"Patient/{person}"}
    reference = str(dig(said, ("reference",)) or "")
    if not reference:
        return {"identifier": {"system": SUBJECT, "value": caller.subject}, "display": caller.name or caller.subject}
    if (await frame.agency_of(work, *_parted(reference)))[0] != caller.agency:
        _not_yours(("agent", 0, "who"))
    return dict(said)


async def _agency(work: Work, said: Any) -> dict[str, Json]:
    reference = f"Organization/{work.visit.caller.agency}"
    if dig(said, ("reference",)) not in (None, reference):
        _not_yours(("agent", 0, "onBehalfOf"))
    return {"reference": reference, **(said or {})}


def _not_yours(where: Path) -> None:
    what = "one signs for oneself, and for one's own agency"
    mend = "Leave it out, and the service fills it in."
    raise Problem(Trouble.UNPROCESSABLE, what, (Fault(what, where, mend),))


def _parted(reference: str) -> tuple[str, str]:
    type_, _, id_ = reference.partition("/")
    return type_, id_.split("/")[0]


def _marked(activity: Any) -> dict[str, Json]:
    """The activity that a client named, with our mark beside it."""
    said = activity if isinstance(activity, dict) else {}
    mark = provenance.MARK["coding"][0]
    return {**said, "coding": [*(one for one in said.get("coding", ()) if one != mark), mark]}


def _without(resource: dict[str, Json], url: str) -> list[Json]:
    return [one for one in resource.get("extension", ()) if one.get("url") != url]


async def _content(work: Work, plan: Stored) -> str:
    """What is signed, as a digest: of what every reader of the section may see."""
    there = await work.writing.standing_in(plan.person, plan.section)
    return fingerprint(knowing.entry(one) for one in there if not one.slot and one.restriction is None)
