"""What a deed says, read by itself: its rank, its references, whom it names, whether it says anything new. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from api.deeds import Deed
from auth.access import Verb
from fhir_facade import ask, drafts, exact, labels, metas, references
from fhir_facade.resources import RESOURCES, Resource
from plan.diff import differences, pointer
from plan.model import AgencyId, Draft, EntryId, Json, PersonId, Section, Stored, Subject
from plan.problem import Fault, Path, Problem, Trouble

_OF_THE_SERVICE = frozenset({"resourceType", "id", "meta"})
"""What does not tell two contents apart: the first only by where it stands."""
_ORDER = {Verb.DELETE: 0, Verb.CREATE: 1, Verb.UPDATE: 2}
"""FHIR R4 http.html, transaction: in which order deeds are done, whatever the order they came in."""


def listed_in(entry: Stored | None) -> Section | None:
    """On which section's list an entry stands: on none when it is gone or restricted."""
    return entry.section if entry and not entry.deleted and entry.restriction is None else None


def rank(deed: Deed) -> tuple[int, bool, bool, bool]:
    """Where a deed stands in its transaction: by verb, then the directory and the person before what names them."""
    row = RESOURCES[deed.type]
    return _ORDER[deed.verb], not row.directory, deed.type != "Patient", row.any_target


def linked(deed: Deed, links: Mapping[str, str]) -> Deed:
    """The deed with the addresses of its transaction turned into the ids that were given."""
    if not links:
        return deed

    def turned(resource: dict[str, Json]) -> dict[str, Json]:
        # A copy: when the transaction is tried again, its addresses may lead elsewhere.
        return references.rewrite(resource, lambda address: links.get(address, address))

    if deed.resource is not None:
        return replace(deed, resource=turned(deed.resource))
    change = deed.change
    return replace(deed, change=lambda stored: turned(change(stored))) if change else deed


def changed(deed: Deed, current: Stored) -> Deed:
    """An update of an entry as it will be written: patched, and with the labels that are there.

    Raises STALE, VERSION_UNSAID, GONE.
    """
    if deed.new_only and not current.deleted:
        what = "there is something under this address already"
        raise Problem(Trouble.STALE, what, (Fault(what, mend="Read it, and say which version you change."),))
    if deed.versioned and deed.version is None and not current.deleted:
        what = "neither If-Match nor meta.versionId says which version is changed"
        fault = Fault(what, ("meta", "versionId"), "Read the resource, change it, and send it back whole.")
        raise Problem(Trouble.VERSION_UNSAID, "", (fault,))
    if deed.change:
        if current.deleted:
            raise Problem(Trouble.GONE)
        deed = replace(deed, resource=deed.change(current), change=None)
    if deed.resource is None or deed.meta_set or not current.fhir:
        return deed
    return replace(deed, resource=labels.kept(exact.stored(current.fhir), deed.resource))


def is_labelled(entry: Stored) -> bool:
    """Whether a label closes an entry to all agencies but its author's; only who manages the section takes it away."""
    return metas.restricted(exact.stored(entry.fhir)["meta"])


def overlapping(deeds: Iterable[Deed]) -> int | None:
    """The number of the first deed that changes what another one changes too; None when all are of different entries.

    Criteria may find what is named by its id as well, so this is asked when everything has been found.
    """
    seen = set()
    for at, deed in enumerate(deeds):
        if deed.verb is not Verb.CREATE and deed.id is not None:
            if (deed.type, deed.id) in seen:
                return at
            seen.add((deed.type, deed.id))
    return None


def absent(deed: Deed) -> Stored:
    """What stands for an entry that is not there: its name."""
    return Stored(
        person=deed.person or PersonId(""),
        id=deed.id or EntryId(""),
        type=deed.type,
        kind="",
        section=Section.FRAME,
        agency=AgencyId(""),
        author=Subject(""),
        version=0,
        at=0,
        deleted=True,
    )


def same_person(deed: Deed, row: Resource, person: PersonId) -> None:
    """Insist that a changed resource still names the person whose it is."""
    if deed.resource is None:
        return
    text = references.patient_of(deed.resource, row)
    if text is not None and not row.any_target and text.split("/_history")[0] != f"Patient/{person}":
        what = "an entry cannot move to another person"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, (row.person[0],), f"Leave Patient/{person} there."),))


def pointed(resource: dict[str, Json]) -> Iterator[tuple[Path, str]]:
    """Every literal reference in a resource."""
    for where, reference in references.walk(resource):
        text = reference.get("reference")
        if isinstance(text, str):
            yield where, text


def named(value: Json, where: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text of a native body that is a reference and nothing else."""
    if isinstance(value, dict | list):
        for name, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield from named(member, (*where, name))
    elif isinstance(value, str) and references.RELATIVE.fullmatch(value):
        yield where, value


class Unseen(Problem):
    """A fault in a body that names somebody who is not there for this caller: a refusal, and audited as one."""


def nobody(row: Resource) -> Problem:
    """The same words for somebody hidden and for somebody who does not exist."""
    where = row.person[0] if row.person else ""
    what = f"{row.type}.{where} names nobody whose plan is here for you"
    return Unseen(Trouble.BAD_VALUE, what, (Fault(what, tuple(where.split(".")), "Refer to a Patient by its id."),))


def stale(deed: Deed, current: Stored, was: str | None) -> Problem:
    """412, with the fields that changed since the version that the client read; `was` is its native face."""
    if was is None or current.deleted:
        differing: list[str] = []
    else:
        texts = (exact.stored(text) for text in (was, current.body))
        before, now = (drafts.fields_of(fields) for fields in texts)
        differing = sorted({pointer(one.where[:1]) for one in differences(before, now)})
    detail = f"You changed version {deed.version}; it is at version {current.version} now. Read it again."
    return Problem(Trouble.STALE, detail, extra={"current_version": current.version, "changed": differing})


def same(draft: Draft, current: Stored) -> bool:
    """Whether the content is the same already, whatever the service said of it."""
    was: dict[str, Json] = exact.stored(current.fhir)
    return _content(was) == _content(draft.fhir)


def _content(resource: dict[str, Json]) -> bytes:
    return exact.dumps({name: value for name, value in resource.items() if name not in _OF_THE_SERVICE})


def rewritten(draft: Draft, body: Mapping[str, Json], person: PersonId, author: AgencyId) -> Draft:
    """The draft with another body, for the same eyes. An ask is told in our words for its state."""
    face = ask.told(draft.fhir) if draft.kind == "ask" else draft.fhir
    made = drafts.from_body(draft.kind, dict(body), draft.section, person, author, face)
    made.restriction = draft.restriction
    return made


def emptied(current: Stored) -> Draft:
    """What stays of an entry that is deleted: that it was there."""
    return Draft(
        type=current.type,
        kind=current.kind,
        section=current.section,
        body={},
        fhir={},
        status=current.status,
        restriction=current.restriction,
    )
