"""Referrals: an agency is asked to take something on, and answers until it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.forms import Form
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.talk import namesakes, talking_words
from api.pages.care.talk.talking_words import ClockSaid, StepSaid
from api.pages.care.ways import Way
from api.pages.care.wording import Wording
from plan.known import Entry, Known
from plan.model import AgencyId
from plan.problem import Problem, Trouble
from plan.referral import ASKED, CLOCKS, MOVES, OF_THE_ASKED, answer_due, referrals

STATES: Final = {
    "planned": "Asked",
    "accepted": "Accepted",
    "doing": "Being done",
    "paused": "Paused",
    "done": "Done",
    "refused": "Refused",
    "not_achieved": "Not achieved",
    "cancelled": "Withdrawn",
    "entered_in_error": "Sent by mistake",
}
COLOURS: Final = {"planned": "orange", "refused": "red", "not_achieved": "red", "done": "green"}
ANSWERS: Final = {
    "accepted": ("Accept: we take this on", "The person stays with whoever has it now until you accept."),
    "refused": ("Refuse", "Say why, so that whoever asked can go on."),
    "doing": ("We are doing it", ""),
    "paused": ("Pause it", "Say why."),
    "done": ("It is done", "Say what came of it."),
    "not_achieved": ("It could not be achieved", "Say why."),
    "cancelled": ("Withdraw it", "It is not needed any more."),
}
PRIORITIES: Final = {"routine": "Routine", "urgent": "Urgent", "asap": "As soon as possible", "stat": "At once"}
_WAY: Final = ("planned", "accepted", "doing", "done")


@dataclass(frozen=True, slots=True)
class Shown:
    """A referral with the task that asks for it, as a reader sees them; without one nobody was asked."""

    entry: Entry
    task: Entry | None

    @property
    def state(self) -> str:
        """The word of how far it has come."""
        return str(self.task.body["status"]) if self.task else str(self.entry.body["status"])

    @property
    def title(self) -> str:
        """What is asked."""
        return str(self.entry.body["referral"])

    @property
    def is_open(self) -> bool:
        """Whether it can still move on."""
        return self.state in MOVES

    @property
    def owner(self) -> str:
        """The id of the agency that is asked."""
        who: Any = (self.task.body.get("who") if self.task else self.entry.body.get("to")) or {}
        return str(who.get("reference", "")).removeprefix("Organization/")

    def due(self) -> int | None:
        """Until when an answer is expected; None when there is one."""
        return answer_due(self.task, self.entry) if self.task and self.state == ASKED else None

    def moves(self, reader: Reader, known: Known) -> list[str]:
        """To which states this reader may take it: the asked to theirs, the asking to its end."""
        if self.task is None or reader.role not in known.writers[self.task.section]:
            return []
        asked, asking = self.owner == reader.account.agency, self.task.agency == reader.account.agency
        return [
            word
            for word in ANSWERS
            if word in MOVES.get(self.state, ()) and (asked if word in OF_THE_ASKED else asking)
        ]


def all_of(known: Known) -> list[Shown]:
    """Every referral that a reader sees: those that wait for an answer first, then the newest."""
    asked = {referral.id: task for referral, task in referrals(known)}
    made = [Shown(one, asked.get(one.id)) for one in known.of("referral")]
    return sorted(made, key=lambda one: (one.due() is None, not one.is_open, one.due() or -one.entry.created))


async def listed(reader: Reader) -> Response:
    """The referrals."""
    known, wanted = await reader.known(), reader.request.query_params.get("show")
    all_ = all_of(known)
    shown = [one for one in all_ if wanted == "all" or one.is_open]
    return reader.page(
        "care/referrals.html",
        known,
        page=paged(reader.request, shown),
        wanted="all" if wanted == "all" else "open",
        count=len(all_),
        mine=lambda one: one.owner == reader.account.agency and one.is_open,
        writes=reader.role in known.writers["transitions"],  # type: ignore[index]
        **_given(known, reader.wording(known)),
    )


async def shown(reader: Reader) -> Response:
    """One of them."""
    return await _shown(reader, Form())


async def _shown(reader: Reader, form: Form) -> Response:
    known = await reader.known()
    one = _found(reader, known)
    words = reader.wording(known)
    moves = one.moves(reader, known)
    return reader.page(
        "care/referral.html",
        known,
        form=form,
        one=one,
        moves=[(word, *ANSWERS[word]) for word in moves],
        readers=talking_words.readers(words, one.entry),
        facts=[(name, lines) for name, lines in words.rows(one.entry) if name not in _SHOWN],
        **_given(known, words),
    )


_SHOWN: Final = ("Referral", "Status", "To", "Asked by", "Asked", "Priority", "Note")


def _given(known: Known, words: Wording) -> dict[str, Any]:
    return {
        "states": STATES,
        "colours": COLOURS,
        "priorities": PRIORITIES,
        "clock": partial(_clock, known),
        "steps": _steps,
        "whom": lambda one: _whom(words, one),
    }


def _clock(known: Known, one: Shown) -> ClockSaid | None:
    until = one.due()
    return None if until is None else talking_words.answer_clock(known, until)


def _steps(one: Shown) -> list[StepSaid]:
    """The way from asked to done, or to where it ended."""
    if one.state not in (*_WAY, "paused"):
        return [StepSaid(STATES["planned"], "done"), StepSaid(STATES.get(one.state, one.state), "now")]
    at = _WAY.index("doing" if one.state == "paused" else one.state)
    words = [STATES["paused"] if one.state == "paused" and word == "doing" else STATES[word] for word in _WAY]
    places = ["done" if number < at else "now" if number == at else "ahead" for number in range(len(_WAY))]
    return [StepSaid(text, place) for text, place in zip(words, places, strict=True)]


def _whom(words: Wording, one: Shown) -> str:
    said = words.known.agencies.get(AgencyId(one.owner))
    return said.name if said and said.name else words.party(one.entry.body.get("to")) or one.owner


def _found(reader: Reader, known: Known) -> Shown:
    found = next((one for one in all_of(known) if one.entry.id == reader.entry), None)
    if found is None:
        raise Problem(Trouble.NOT_FOUND)
    return found


async def sent(reader: Reader, form: Form) -> Response:
    """It moves on."""
    known = await reader.known()
    one = _found(reader, known)
    word = form.need("status", "Choose your answer.")
    body = {"status": word} | {name: said for name in ("reason", "outcome") if (said := form.text(name))}
    if word in ("refused", "paused", "not_achieved"):
        form.need("reason", "Say why, so that whoever asked can go on.")
    if word == "done":
        form.need("outcome", "Say what came of it.")
    if not form.faults:
        address = f"/v1/people/{reader.person}/referrals/{one.entry.id}/answer"
        try:
            await reader.ask("POST", address, body, key=form.key)
        except Problem as problem:
            form.blame(problem, {"status": "status", "reason": "reason", "outcome": "outcome"})
    if form.faults:
        reader.forget()
        return await _shown(reader, form)
    said = f"The referral is now: {STATES[word].lower()}." if word in STATES else "The referral has moved on."
    return reader.go(f"{of_person(reader.person)}/referrals/{one.entry.id}", said)


# a new one


async def begun(reader: Reader) -> Response:
    """An empty form."""
    return await _begun(reader, Form(values={"priority": "routine"}))


async def _begun(reader: Reader, form: Form) -> Response:
    known = await reader.known()
    if reader.role not in known.writers["transitions"]:  # type: ignore[index]
        raise Problem(Trouble.REFUSED, "Your role reads this plan, and makes no referrals in it.")
    listed = (await reader.ask("GET", "/v1/agencies", query=_named(reader))).body
    return reader.page(
        "care/referral_new.html",
        known,
        form=form,
        agencies=await _agencies(reader, known, listed),
        more=bool(listed.get("next")),
        named=reader.request.query_params.get("name", ""),
        priorities=[(word, text, _means(word)) for word, text in PRIORITIES.items()],
    )


async def _agencies(reader: Reader, known: Known, listed: Mapping[str, Any]) -> list[namesakes.Option]:
    """Whom one can ask: who is on the team, then who else is on this page of the directory."""
    here = {str(one.id): one.name or str(one.id) for one in known.members()}
    names = {str(one["id"]): str(one["title"]) for one in listed["items"]} | here
    whole = not listed.get("next") and "name" not in _named(reader)
    every = await namesakes.told_apart(reader.desk.store.database, names, whole=whole)
    return namesakes.first([one for one in every if one[0] != reader.account.agency], here)


def _named(reader: Reader) -> dict[str, str]:
    name = reader.request.query_params.get("name", "").strip()
    return {"limit": "100"} | ({"name": name} if name else {})


def _means(word: str) -> str:
    hours = CLOCKS[word].hours
    return f"An answer is expected within {talking_words.span(hours * talking_words.HOUR)}."


async def _name(reader: Reader, agency: str) -> str:
    """What the directory calls an agency; of one that it does not list its id, which the service then refuses."""
    try:
        return str((await reader.ask("GET", f"/v1/agencies/{agency}")).body["title"])
    except Problem:
        return agency


async def asked(reader: Reader, form: Form) -> Response:
    """Ask an agency."""
    to, what = form.need("to", "Choose who you ask."), form.need("referral", "Say what they are to take on.")
    body: dict[str, Any] = {"referral": what, "status": "active"}
    body["priority"] = form.need("priority", "Choose how soon they are to answer.")
    body["note"] = form.need("note", "Say why: what they need to know to decide.")
    if not form.faults:
        body["to"] = {"reference": f"Organization/{to}", "name": await _name(reader, to)}
        try:
            made = await reader.ask("POST", f"/v1/people/{reader.person}/referrals", body, key=form.key)
        except Problem as problem:
            form.blame(problem, {"referral": "referral", "note": "note", "to": "to", "priority": "priority"})
    if form.faults:
        return await _begun(reader, form)
    return reader.go(f"{of_person(reader.person)}/referrals/{made.body['id']}", "The referral was sent.")


WAYS = (
    Way("/people/{person}/referrals", listed),
    Way("/people/{person}/referrals/new", begun, asked),
    Way("/people/{person}/referrals/{entry}", shown, sent),
)
