"""What a REST request asks for: its address, its query, its body and its version, each read once and strictly.

What is not understood is refused, never passed over: a mistyped filter would otherwise answer with everybody.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from api import cursors, door
from api.deeds import Deed, Visit
from api.desk import Desk
from api.forms import ID, an_object
from auth.access import Verb
from fhir_facade import exact
from fhir_facade.drafts import RECORD
from fhir_facade.faces import FACES
from plan.dates import date_range
from plan.kinds import KINDS, kind
from plan.model import PLAN_SECTIONS, EntryId, Json, PersonId, Section
from plan.problem import Fault, Path, Problem, Trouble

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
MOST = 100
"""The longest page."""
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T.+(Z|[+-]\d{2}:\d{2})")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_SINCE: Mapping[str, type] = {"at": int, "skip": int}
Terms = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where entries of one kind stand: in a section of a plan, or wherever in the plan they are (None)."""

    person: PersonId
    section: Section | None
    kind: str

    @property
    def type(self) -> str:
        """The FHIR type of the kind; empty for records, whose types differ."""
        return FACES[self.kind].type if self.kind in FACES else ""


def desk_of(request: Request) -> Desk:
    """The desk of the running service."""
    return door.service_of(request).desk


async def visit_of(request: Request) -> Visit:
    """Who asks, at this door."""
    return await door.visit(request, "rest")


def id_of(request: Request, name: str) -> str:
    """An id in the address. Raises BAD_VALUE for what cannot be one."""
    text: str = request.path_params[name]
    if not ID.fullmatch(text):
        what = f"the {name} in the address is no id"
        mend = "An id has 1 to 64 letters, digits, hyphens and dots, and not dots alone."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
    return text


def person_of(request: Request) -> PersonId:
    """The person in the address."""
    return PersonId(id_of(request, "person"))


def entry_of(request: Request) -> EntryId:
    """The entry in the address."""
    return EntryId(id_of(request, "entry"))


def section_of(request: Request) -> Section:
    """The section in the address. Raises NOT_FOUND for one that does not exist."""
    return section_named(request.path_params["section"], Trouble.NOT_FOUND)


def section_named(name: str, trouble: Trouble, where: Path = ()) -> Section:
    """A section of a plan by its name."""
    if name in PLAN_SECTIONS:
        return Section(name)
    what = f"{name[:64]!r} is no section of a plan"
    raise Problem(trouble, what, (Fault(what, where, f"The sections are: {', '.join(PLAN_SECTIONS)}."),))


def spot_of(request: Request) -> Spot:
    """Section and kind in the address. Raises NOT_FOUND for one that does not exist, or stands elsewhere."""
    section, name = section_of(request), str(request.path_params["kind"])
    if name != RECORD and section not in kind(name).sections:
        what = f"{name} does not stand in {section.value}"
        mend = f"It stands in: {', '.join(s for s in PLAN_SECTIONS if s in KINDS[name].sections)}."
        raise Problem(Trouble.NOT_FOUND, what, (Fault(what, mend=mend),))
    return Spot(person_of(request), section, name)


def number_of(request: Request, name: str) -> int:
    """A version in the address. Raises NOT_FOUND for what is no number."""
    text: str = request.path_params[name]
    if not _NUMBER.fullmatch(text):
        raise Problem(Trouble.NOT_FOUND, f"{text[:16]!r} is no version.")
    return int(text)


def terms(request: Request, *names: str) -> Terms:
    """The query of the address. Raises BAD_VALUE for a parameter that is unknown, doubled or holds a NUL."""
    said: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            known = f"The parameters are: {', '.join(names)}." if names else "This address takes no parameters."
            raise _bad(f"{name[:64]!r} is no parameter here", known)
        if name in said or "\x00" in value or not value:
            raise _bad(f"{name} is empty, stands twice or holds a NUL character", "Give it once, or leave it out.")
        said[name] = value
    return said


def needed(said: Terms, name: str) -> str:
    """A parameter that must be there. Raises REQUIRED."""
    if name not in said:
        what = f"the parameter {name} is required"
        raise Problem(Trouble.REQUIRED, what, (Fault(what, mend=f"Add ?{name}= to the address."),))
    return said[name]


def limit(said: Terms) -> int:
    """How many a page shows: 1 to 100, 20 when nobody says."""
    text = said.get("limit", "20")
    if not _NUMBER.fullmatch(text) or int(text) > MOST:
        raise _bad("limit is no number from 1 to 100", "Send a whole number.")
    return int(text)


def version_named(text: str, name: str) -> int:
    """A version in the query."""
    if not _NUMBER.fullmatch(text):
        raise _bad(f"{name} is no version", "Send the number of a version: 1, 2, ...")
    return int(text)


def moment(text: str, name: str) -> int:
    """A moment with its zone, as milliseconds since 1970 UTC. Raises BAD_VALUE."""
    # An unescaped plus sign reaches us as a space.
    spelled = text.replace(" ", "+")
    found = date_range(spelled) if _MOMENT.fullmatch(spelled) else None
    if found is None or not 0 <= found[0] <= cursors.LAST_MOMENT:
        raise _bad(f"{name} is no moment", "Write it with its time zone: 2026-03-01T10:00:00Z.")
    return found[0]


def since(text: str, name: str) -> tuple[int, int]:
    """A moment, or a cursor of the feed: after which moment, and how many of that moment were shown already."""
    if _MOMENT.fullmatch(text.replace(" ", "+")):
        return moment(text, name), 0
    said = cursors.read(text, _SINCE)
    return said["at"], said["skip"]


async def body_of(request: Request, media: str = JSON) -> tuple[bytes, dict[str, Json]]:
    """The body as it came and as a JSON object. Raises MEDIA_TYPE, TOO_LARGE, MALFORMED, INVALID."""
    raw = await door.body(request, (media,), door.service_of(request).settings.max_body)
    return raw, an_object(exact.loads(raw))


def version_said(request: Request, in_body: int | None = None) -> int:
    """The version that is being changed. Raises NO_VERSION when nobody says, BAD_VALUE when two are said."""
    in_header = door.version_of(request.headers.get("if-match"))
    if in_header is not None and in_body is not None and in_header != in_body:
        what = "If-Match and the version in the body differ"
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, ("version",), "Send one of them."),))
    version = in_body if in_header is None else in_header
    if version is None:
        what = "neither If-Match nor a version in the body says what is being changed"
        mend = 'Read the entry, then send its ETag as If-Match ("3") or its version in the body.'
        raise Problem(Trouble.NO_VERSION, what, (Fault(what, ("version",), mend),))
    return version


def writable(spot: Spot, verb: Verb) -> Deed:
    """The beginning of a write. Raises NO_METHOD for records, which have no native form."""
    if not spot.type:
        what = "a record has no native form"
        fault = Fault(what, mend="Write it by the FHIR door, /fhir/R4.")
        raise Problem(Trouble.NO_METHOD, what, (fault,), headers={"Allow": "GET, HEAD"})
    return Deed(verb=verb, type=spot.type, kind=spot.kind, person=spot.person, section=spot.section)


def _bad(what: str, mend: str) -> Problem:
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
