"""Review and sign-off: which sections, what came of it, when next. What is signed is what was read.

The form holds the version of each section and a digest of what the reader saw of it. Where the plan moved while they
read, nothing is signed: the page shows just the difference, with the form as it was filled in.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import uuid4

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.editing.review_moved import moved_since
from api.pages.care.editing.sections import next_review, own_words, reviews
from api.pages.care.forms import WHOLE, Form
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS
from api.reviewing import may_sign
from fhir_facade.drafts import moment as stamp
from plan.kinds.review import AGREEMENT
from plan.known import Entry, Known, moment
from plan.model import PLAN_SECTIONS, Role, Section
from plan.problem import Problem, Trouble

MOST_COMMENT: Final = 2000
_PAST: Final = 10
_FIELDS: Final = {"sections": "scope", "next_review": "next", "comment": "comment", "outcome": "outcome"}
OUTCOMES: Final = (
    ("no_change", "No change is needed"),
    ("plan_amended", "I have amended the plan"),
    ("change_needed", "A change is needed, and somebody else must make it"),
)
AGREED: Final = (("agreed", "I agree with this"), ("disagreed", "I do not agree with this"))


class Scope(NamedTuple):
    """One section that the reader may sign, as it is now.

    `digest`: of what the reader sees of it; `entries`: how many those are.
    """

    section: str
    name: str
    digest: str
    version: int
    entries: int
    last: Entry | None
    due: tuple[str, bool]

    @property
    def read(self) -> str:
        """What the form holds of it, so that what is signed is what was read."""
        return f"{self.version} {self.digest}"


async def show(reader: Reader) -> Response:
    """The form, and who signed before."""
    known = await reader.known()
    return await _page(reader, known, Form(values={"scope": _wanted(reader)}))


async def send(reader: Reader, form: Form) -> Response:
    """Sign what was ticked, unless it moved."""
    known = await reader.known()
    scopes = await _scopes(reader, known)
    wanted = [one for one in scopes if one.section in form.all("scope")]
    body = _read(reader, known, form, wanted)
    if form.faults:
        return await _page(reader, known, form)
    moved = [one for one in wanted if form.text(f"read-{one.section}") != one.read]
    if not moved:
        moved = await _signed(reader, form, wanted, body)
    if form.faults:
        return await _page(reader, known, form)
    if moved:
        return await _moved(reader, form, moved)
    names = ", ".join(one.name for one in wanted)
    return reader.go(of_person(known.person), done=f"You signed off: {names}.")


async def _signed(reader: Reader, form: Form, wanted: Sequence[Scope], body: Mapping[str, Any]) -> list[Scope]:
    """Sign all of them, or none: those that moved in this very moment."""
    sections = [{"section": one.section, "version": one.version} for one in wanted]
    try:
        await reader.ask(
            "POST", f"/v1/people/{reader.person}/plan/sign-offs", {"sections": sections, **body}, key=form.key
        )
    except Problem as problem:
        if problem.trouble is not Trouble.STALE:
            form.blame(problem, _FIELDS)
            return []
        told: Any = problem.extra["moved"]
        names = {one["section"] for one in told}
        return [one for one in wanted if one.section in names]
    return []


def _read(reader: Reader, known: Known, form: Form, wanted: Sequence[Scope]) -> dict[str, Any]:
    """What was filled in, as a sign-off without its sections; what is missing is blamed."""
    if not wanted:
        form.fault("scope", "Choose what you sign off.")
    elif len(wanted) < len(set(form.all("scope"))):
        form.fault("scope", "You cannot sign off all of these any more. Look at what you sign off now.")
    outcome = form.need("outcome", "Choose what came of it.")
    if outcome and outcome not in dict(outcomes(reader.role)):
        form.fault("outcome", "Choose one of these.")
    day, seen = form.date("next"), form.text("seen")
    at = moment(day)
    if at is not None and at < known.now:
        form.fault("next", "Enter a day that is still to come.")
    comment = form.text("comment")
    if len(comment) > MOST_COMMENT:
        form.fault("comment", f"Write at most {MOST_COMMENT} characters.")
    if "T" not in seen or moment(seen) is None:
        form.fault(WHOLE, "Read the plan, and sign it off on this page.")
    said = {"outcome": outcome, "comment": comment, "next_review": day, "seen": seen}
    return {name: value for name, value in said.items() if value}


def outcomes(role: Role) -> tuple[tuple[str, str], ...]:
    """What a role can say: the person alone agrees or does not."""
    return AGREED if role is Role.PERSON else OUTCOMES


async def _moved(reader: Reader, form: Form, moved: Sequence[Scope]) -> Response:
    """412: what changed since the form was opened, with the form as it was filled in and a new version to sign."""
    reader.forget()
    known = await reader.known()
    seen = form.text("seen")
    different = await moved_since(reader, known, [one.section for one in moved], seen)
    form.key = str(uuid4())
    return await _page(reader, known, form, 412, moved=moved, different=different)


async def _page(reader: Reader, known: Known, form: Form, status: int = 200, **more: Any) -> Response:
    scopes = await _scopes(reader, known)
    past = sorted(known.of("review"), key=lambda one: -one.at)
    said = {
        "scopes": scopes,
        "ticked": [one.section for one in scopes if one.section in form.all("scope")],
        "outcomes": outcomes(reader.role),
        "is_person": reader.role is Role.PERSON,
        "seen": stamp(_read_at(known)),
        "past": paged(reader.request, past, _PAST),
        "agreement": AGREEMENT,
        "names": SECTIONS,
        "most": MOST_COMMENT,
        "moved": (),
        "different": {},
    }
    return reader.page("care/review.html", known, status, form=form, **said | more)


def _read_at(known: Known) -> int:
    """When the plan was read: where many write at once, its own order runs ahead of the clock."""
    return max(known.now, *(entry.at for entry in known.entries.values()))


async def _scopes(reader: Reader, known: Known) -> list[Scope]:
    """The sections that this reader may sign."""
    permit, _ = await reader.desk.access(reader.visit, known.person)
    found = []
    for section in PLAN_SECTIONS:
        own = own_words(known, section)
        if own is not None and may_sign(permit, Section(section)):
            found.append(_scope(known, section, own))
    return found


def _scope(known: Known, section: str, own: Entry) -> Scope:
    entries = [
        one for one in known.entries.values() if one.section == section and one.kind not in ("section", "review")
    ]
    said = " ".join(sorted(f"{one.id}/{one.version}" for one in entries))
    return Scope(
        section=section,
        name=SECTIONS[section],
        digest=blake2b(said.encode(), digest_size=4).hexdigest(),
        version=own.version,
        entries=len(entries),
        last=next(iter(reviews(known, section)), None),
        due=next_review(known, section),
    )


def _wanted(reader: Reader) -> list[str]:
    """The sections that the address asks to have ticked, as the page of a section does."""
    return [one for one in reader.request.query_params.getlist("section") if one in PLAN_SECTIONS]


WAYS: tuple[Way, ...] = (Way("/people/{person}/review", show, send),)
