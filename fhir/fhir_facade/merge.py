"""Two people found to be one: what their Patients say of each other, and what a copy of an entry says of its first.

Source: FHIR R5 patient-operation-merge.html (active, link, identifiers of use `old`) and Patient.link. Every change can
be told from all others by its mark, so that it can be taken back alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from fhir_facade import narrative
from fhir_facade.drafts import moment
from fhir_facade.lens import plant
from fhir_facade.references import rewrite
from fhir_facade.systems import OURS, own_extension
from plan.problem import Fault, Problem, Trouble

Resource = dict[str, Any]
MERGED_FROM = f"{OURS}/CodeSystem/merged-from"
"""The system of the tag whose code is the person whom an entry was copied from."""
UNDER_REVIEW = {"system": f"{OURS}/CodeSystem/merge-state", "code": "under-review"}
COPIED_FROM = own_extension("copied-from")
WAS_ACTIVE = own_extension("was-active")
_REVIEW = {"system": f"{OURS}/CodeSystem/task-code", "code": "review-merge", "display": "Review a merge"}


def copied(resource: Resource, names: Mapping[str, str], source: str) -> Resource:
    """The copy of an entry: it points where the first one's targets went, and says what it is a copy of."""
    first = {"url": COPIED_FROM, "valueReference": {"reference": f"{resource['resourceType']}/{resource['id']}"}}
    made = rewrite(resource, lambda address: names.get(address, address))
    made["extension"] = [*made.get("extension", ()), first]
    return tagged(made, source)


def tagged(resource: Resource, source: str) -> Resource:
    """The resource with the tags of a merge that awaits review."""
    meta = dict(resource.get("meta", {}))
    ours = [{"system": MERGED_FROM, "code": source}, dict(UNDER_REVIEW)]
    others = [one for one in meta.get("tag", ()) if one.get("system") not in (MERGED_FROM, UNDER_REVIEW["system"])]
    return {**resource, "meta": {**meta, "tag": [*others, *ours]}}


def replacing(target: Resource, source: Resource, source_id: str) -> Resource:
    """The Patient who stays: it replaces the other, and knows the other's identifiers as old ones."""
    made = dict(target)
    if not any(_points(link, "replaces", source_id) for link in target.get("link", ())):
        link = {"other": {"reference": f"Patient/{source_id}"}, "type": "replaces"}
        made["link"] = [*target.get("link", ()), link]
    known = {_pair(one) for one in target.get("identifier", ())}
    mark = {"url": COPIED_FROM, "valueReference": {"reference": f"Patient/{source_id}"}}
    more = [
        {**one, "extension": [*one.get("extension", ()), mark], "use": "old"}
        for one in source.get("identifier", ())
        if _pair(one) not in known
    ]
    if more:
        made["identifier"] = [*target.get("identifier", ()), *more]
    return made


def released(target: Resource, source_id: str) -> Resource:
    """The Patient who stayed, as if the other had never been merged into them."""
    made = dict(target)
    links = [link for link in target.get("link", ()) if not _points(link, "replaces", source_id)]
    plant(made, ("link",), links or None)
    identifiers = [one for one in target.get("identifier", ()) if not _marked(one, source_id)]
    plant(made, ("identifier",), identifiers or None)
    return made


def replaced(source: Resource, target_id: str) -> Resource:
    """The Patient who is replaced: no longer active, and says by whom."""
    link: Resource = {"other": {"reference": f"Patient/{target_id}"}, "type": "replaced-by"}
    if "active" in source:
        link = {"extension": [{"url": WAS_ACTIVE, "valueBoolean": source["active"]}], **link}
    return {**source, "active": False, "link": [*source.get("link", ()), link]}


def restored(source: Resource, target_id: str) -> Resource:
    """The Patient who was replaced, as they were."""
    made = dict(source)
    ours = [link for link in source.get("link", ()) if _points(link, "replaced-by", target_id)]
    was = [one["valueBoolean"] for link in ours for one in link.get("extension", ()) if one.get("url") == WAS_ACTIVE]
    plant(made, ("active",), was[0] if was else None)
    plant(made, ("link",), [link for link in source.get("link", ()) if link not in ours] or None)
    return made


def replaced_by(patient: Mapping[str, Any]) -> Iterator[str]:
    """Who replaces a Patient, as ids."""
    for link in patient.get("link", ()):
        if link.get("type") == "replaced-by":
            yield str(link.get("other", {}).get("reference", "")).removeprefix("Patient/")


def review(source: str, target: str, agency: str, at: int) -> Resource:
    """The Task that asks for the review of a merge; `at` in milliseconds since 1970 UTC."""
    words = (
        "Two people were found to be one. Review the entries that are tagged as under review, add the agencies of the "
        "other plan to the team where they are needed, and finish this task; or take the merge back."
    )
    task: Resource = {
        "resourceType": "Task",
        "text": narrative.narrative("Review a merge", [("What to do", words)]),
        "status": "requested",
        "intent": "order",
        "code": {"coding": [_REVIEW], "text": "Review a merge"},
        "description": words,
        "focus": {"reference": f"Patient/{target}"},
        "for": {"reference": f"Patient/{target}"},
        "authoredOn": moment(at),
        "requester": {"reference": f"Organization/{agency}"},
        "reasonReference": {"reference": f"Patient/{source}"},
    }
    return tagged(task, source)


def is_review(resource: Mapping[str, Any]) -> bool:
    """Whether this is the Task of a merge."""
    codings = resource.get("code", {}).get("coding", ()) if resource["resourceType"] == "Task" else ()
    return any((one.get("system"), one.get("code")) == (_REVIEW["system"], _REVIEW["code"]) for one in codings)


def must_result(result: Resource, target: str, source: str) -> None:
    """Insist that the Patient whom the client wants to come out is the target, and says that it replaces the source."""
    if result.get("id") != target:
        _refuse("result-patient has another id than the target", "id", f"Send the id {target}.")
    if not any(_points(link, "replaces", source) for link in result.get("link", ())):
        _refuse("result-patient does not say that it replaces the source", "link", "Add the link of type replaces.")


def outcome(text: str) -> Resource:
    """An OperationOutcome that tells what came of it."""
    issue = {"severity": "information", "code": "informational", "details": {"text": text}}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _points(link: Mapping[str, Any], type_: str, id_: str) -> bool:
    return link.get("type") == type_ and link.get("other", {}).get("reference") == f"Patient/{id_}"


def _pair(identifier: Mapping[str, Any]) -> tuple[Any, Any]:
    return identifier.get("system"), identifier.get("value")


def _marked(identifier: Mapping[str, Any], source: str) -> bool:
    wanted = {"reference": f"Patient/{source}"}
    return any(
        one.get("url") == COPIED_FROM and one.get("valueReference") == wanted for one in identifier.get("extension", ())
    )


def _refuse(what: str, member: str, mend: str) -> NoReturn:
    where = ("Parameters", "result-patient", member)
    raise Problem(Trouble.BAD_VALUE, what[:1].upper() + what[1:], (Fault(what, where, mend),))
