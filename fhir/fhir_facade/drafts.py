"""From a body to a draft with both faces, and from a draft to the JSON text that is stored and served.

The pure heart of every write: whichever face the client wrote, the other follows from it here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fhir_facade import careplan, exact, lens, metas, narrative
from fhir_facade.faces import FACES, face_of
from fhir_facade.identifiers import identifiers
from fhir_facade.index import index
from fhir_facade.references import values
from fhir_facade.resources import RESOURCES
from fhir_facade.sound import must_stay_sound
from fhir_facade.systems import PLAN_SECTION
from plan.kinds import FRAME_KINDS, KINDS
from plan.model import AgencyId, Draft, Role, Section, Stored

RECORD = "record"
"""The kind of everything that is kept as it came, without a native form."""
ENVELOPE = ("id", "kind", "section", "version", "updated", "agency", "author", "restricted_to")
"""What the service says of an entry in its native face; the rest are the fields of the kind."""
HOME: Mapping[Role, Section] = {
    Role.PERSON: Section.ABOUT_ME,
    Role.CARER: Section.ABOUT_ME,
    Role.CLINICIAN: Section.HEALTH,
    Role.SOCIAL_WORKER: Section.SOCIAL_CARE,
    Role.HOUSING_OFFICER: Section.HOUSING,
    Role.BENEFITS_ADVISER: Section.BENEFITS,
    Role.CARE_PROVIDER: Section.SOCIAL_CARE,
    Role.COORDINATOR: Section.TRANSITIONS,
}
"""Where a role's entries stand when nothing says otherwise."""
_META_OURS = ("versionId", "lastUpdated")


def section_for(resource: dict[str, Any], role: Role, current: Stored | None = None) -> Section:
    """Where an entry stands: where it says, where it stood, where its kind or type belongs, or at its author's home."""
    said = careplan.section_of(resource)
    face = face_of(resource)
    row = KINDS.get(face.kind) if face else None
    if row and row.home:
        stands = (said, current.section if current else None, HOME.get(role))
        return next((one for one in stands if one in row.sections), row.home)
    if said:
        return said
    if current:
        return current.section
    return RESOURCES[resource["resourceType"]].section or HOME.get(role, Section.HEALTH)


def from_fhir(resource: dict[str, Any], section: Section, author: AgencyId) -> Draft:
    """The draft of a resource that a FHIR client wrote; the native face is seen through its lenses."""
    face = face_of(resource)
    body = lens.view(face.fields, resource) if face else _record(resource)
    return _draft(resource, body, face.kind if face else RECORD, section, author)


def from_body(
    kind: str, body: dict[str, Any], section: Section, person: str, author: AgencyId, before: dict[str, Any] | None
) -> Draft:
    """The draft of a native body; `before` is the R4 face that it changes, all of whose other elements stay.

    Raises INVALID where these elements do not allow the change.
    """
    face = FACES[kind]
    base = before or dict(face.base) | ({face.person: {"reference": f"Patient/{person}"}} if face.person else {})
    made = lens.put(face.fields, body, base)
    made = _told(kind, body, made)
    if before is not None:
        must_stay_sound(face, body, before, made)
    return _draft(made, body, kind, section, author)


def finished(draft: Draft, stamp: Stored) -> tuple[str, str]:
    """Both faces as JSON text: `stamp` says id, version, moment and owner."""
    at = moment(stamp.at)
    resource = {"resourceType": draft.type, "id": stamp.id, "meta": _meta(draft, stamp, at)}
    resource |= {name: value for name, value in draft.fhir.items() if name not in resource}
    restricted = {"restricted_to": sorted(draft.restriction)} if draft.restriction is not None else {}
    envelope = {
        "id": stamp.id,
        "kind": draft.kind,
        "section": draft.section.value,
        "version": stamp.version,
        "updated": at,
        "agency": stamp.agency,
        "author": stamp.author,
    }
    return exact.text(envelope | restricted | draft.body), exact.text(resource)


def standing(resource: dict[str, Any], section: Section) -> dict[str, Any]:
    """The resource with the tag that says in which section it stands."""
    meta = resource.get("meta")
    return {**resource, "meta": _tagged(meta if isinstance(meta, dict) else {}, section)}


def retold(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource with a narrative that says what it says now."""
    face = face_of(resource)
    if face:
        return _told(face.kind, lens.view(face.fields, resource), {**resource, "text": {"status": "generated"}})
    body = _record(resource)
    return {**resource, "text": narrative.of_body(str(body["title"]), body)}


def fields_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """A native face without its envelope: what the client may change."""
    return {name: value for name, value in body.items() if name not in ENVELOPE}


def moment(at: int) -> str:
    """Milliseconds since 1970 UTC as a FHIR instant."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def title_of(resource: dict[str, Any]) -> str:
    """What people call a resource: its code, type, title or name in words; its type where it has none."""
    return str(_record(resource)["title"])


def _draft(resource: dict[str, Any], body: dict[str, Any], kind: str, section: Section, author: AgencyId) -> Draft:
    row = RESOURCES[resource["resourceType"]]
    status = next((v for v in values(resource, row.status.split(".")) if isinstance(v, str)), "") if row.status else ""
    return Draft(
        type=row.type,
        kind=kind,
        section=section,
        body=body,
        fhir=resource,
        status=status,
        restriction=frozenset({author}) if _is_closed(kind, resource) else None,
        index=index(resource if row.directory else standing(resource, section)),
        identifiers=identifiers(resource) if row.type == "Patient" else [],
    )


def _told(kind: str, body: dict[str, Any], resource: dict[str, Any]) -> dict[str, Any]:
    """The resource with a narrative of our own, unless a client wrote one."""
    said = resource.get("text")
    if isinstance(said, dict) and said.get("status") not in (None, "generated"):
        return resource
    row = KINDS.get(kind) or FRAME_KINDS[kind]
    return {**resource, "text": narrative.of_body(row.title(body), body)}


def _record(resource: dict[str, Any]) -> dict[str, Any]:
    """What a reader without FHIR sees of a resource that has no native kind: its own name before what sort it is."""
    own = ("name",) if isinstance(resource.get("name"), str) else ()
    words = (*own, "code", "medicationCodeableConcept", "vaccineCode", "type", "title", "description", "name")
    titles = (text for word in words if (text := _words(resource.get(word))))
    return {"type": resource["resourceType"], "title": next(titles, resource["resourceType"])}


def _words(value: Any) -> str | None:
    if isinstance(value, str):
        return value[:255] or None
    if isinstance(value, list):
        return next((text for one in value if (text := _words(one))), None)
    if not isinstance(value, dict):
        return None
    return _words(value.get("text")) or _words(value.get("display")) or _words(value.get("coding"))


def _is_closed(kind: str, resource: dict[str, Any]) -> bool:
    """Whether it is for its author's agency until others are named: by its kind, or by a label."""
    meta = resource.get("meta")
    return metas.restricted(meta if isinstance(meta, dict) else {}) or (kind in KINDS and KINDS[kind].restricted)


def _meta(draft: Draft, stamp: Stored, at: str) -> dict[str, Any]:
    sent = draft.fhir.get("meta")
    kept = {k: v for k, v in sent.items() if k not in _META_OURS} if isinstance(sent, dict) else {}
    said = {"versionId": str(stamp.version), "lastUpdated": at, **kept}
    return said if stamp.person == "" else _tagged(said, draft.section)


def _tagged(meta: dict[str, Any], section: Section) -> dict[str, Any]:
    tags = [t for t in meta.get("tag", ()) if not (isinstance(t, dict) and t.get("system") == PLAN_SECTION)]
    return {**meta, "tag": [*tags, {"system": PLAN_SECTION, "code": section.value}]}
