"""Answering for one item of a discharge, on a phone in under a minute: yes, something is in the way, or not needed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from starlette.responses import Response

from api.pages.care.addresses import of_item, of_stay
from api.pages.care.forms import WHOLE, Form, dated
from api.pages.care.reader import Reader
from api.pages.care.times import TIME, moment_of
from api.pages.care.ways import Way
from api.pages.care.wording import Wording
from api.pages.care.work import discharge_saying, one_discharge
from api.pages.care.work.discharge_saying import STATES
from api.readiness import Readiness
from plan.discharge_facts import agency
from plan.discharge_items import DONE, State, missing, state
from plan.discharge_writing import owner_of
from plan.known import Entry, moment
from plan.model import EntryId, Json
from plan.problem import Problem, Trouble

REASONS: Final[Mapping[str, tuple[str, ...]]] = {
    "blocked": (
        "Waiting for a delivery, a visit or a repair",
        "Nobody is available at that time",
        "Another agency has to act first",
        "Nobody can get in",
        "The person does not agree",
        "It cannot be ready by that time",
    ),
    "not_needed": (
        "It is there already",
        "The person does not have or use this",
        "Somebody else does it",
        "The person does not want it",
    ),
}
"""What people most often say; whoever says something else writes it."""
OTHER: Final = "other"
DONE_WORDS: Final[Mapping[str, str]] = {
    "confirmed": "Confirmed: {}.",
    "blocked": "You said that something is in the way: {}.",
    "not_needed": "You said that it is not needed: {}.",
    "asked": "It is open again: {}.",
}
FIELDS: Final = {"starts": "starts", "status": WHOLE, "note": "note", "asked_for": WHOLE, "stay": WHOLE}


async def show(reader: Reader) -> Response:
    """The item, how it stands, and three buttons for whoever answers for it."""
    one, words, item = await _found(reader)
    return _page(reader, one, words, item, Form(values={"from": _from(reader)} | _day_of(one, words)))


async def send(reader: Reader, form: Form) -> Response:
    """Take the answer, and lead back to where they came from."""
    one, words, item = await _found(reader)
    body = _body(words, form, _day_of(one, words))
    if not form.faults:
        path = f"/v1/people/{reader.person}/stays/{reader.entry}/readiness/{item.id}"
        try:
            await reader.ask("POST", path, body, key=form.key, version=form.number("version"))
        except Problem as problem:
            reader.forget()
            one, words, item = await _found(reader)
            _blame(form, problem, one, words, item)
    if form.faults:
        return _page(reader, one, words, item, form)
    said = DONE_WORDS[form.text("status")].format(item.body["what"])
    back = "/care/list" if form.text("from") == "list" else of_stay(one.known.person, one.stay.entry.id)
    return reader.go(back, said)


async def _found(reader: Reader) -> tuple[Readiness, Wording, Entry]:
    """The item in the address. Raises NOT_FOUND for what is none of this stay, and for what one may not see."""
    one, words = await one_discharge.found(reader)
    item = one.known.entries.get(EntryId(str(reader.request.path_params["item"])))
    if item is None or item.kind != "readiness" or item.body.get("stay") != one.reference:
        raise Problem(Trouble.NOT_FOUND)
    return one, words, item


def _from(reader: Reader) -> str:
    return "list" if reader.request.query_params.get("from") == "list" else ""


def _day_of(one: Readiness, words: Wording) -> dict[str, str]:
    """The day on which most of what is arranged begins: that of the discharge, in local time."""
    if one.stay.planned is None:
        return {}
    local = datetime.fromtimestamp(one.stay.planned / 1000, words.known.zone)
    return dated("starts", local.date().isoformat())


def _body(words: Wording, form: Form, planned: Mapping[str, str]) -> dict[str, Json]:
    """The answer as the API takes it; faults for what is missing."""
    status = form.text("status")
    if status not in DONE_WORDS:
        form.fault(WHOLE, "Choose one of the answers.")
    note = form.text("note" if status in ("confirmed", "asked") else f"{status}_note")
    body: dict[str, Json] = {"status": status} | ({"note": note} if note else {})
    if status in REASONS:
        body["reason"] = {"text": _reason(form, status)}
    if status == "confirmed":
        starts = _starts(words, form, planned)
        body |= {"starts": starts} if starts else {}
    return body


def _reason(form: Form, status: str) -> str:
    """The reason that was chosen, or written."""
    chosen = form.text(f"{status}_reason")
    said = {str(number): text for number, text in enumerate(REASONS[status], 1)}
    if chosen != OTHER and chosen not in said:
        what = "what is in the way" if status == "blocked" else "why it is not needed"
        form.fault(f"{status}_reason", f"Say {what}.")
        return ""
    return said.get(chosen) or form.need(f"{status}_other", "Write in a few words what it is.")


def _starts(words: Wording, form: Form, planned: Mapping[str, str]) -> str:
    """When it begins. The day that was put in for them says nothing as long as no time stands beside it."""
    untouched = all(form.text(name) == value for name, value in planned.items())
    if untouched and not form.text("starts_time"):
        return ""
    return moment_of(words.known.zone, form, "starts")


def _blame(form: Form, problem: Problem, one: Readiness, words: Wording, item: Entry) -> None:
    """What came between is said as what it is: the day moved, or somebody else has answered."""
    read_for, version = form.text("asked_for"), form.number("version")
    between = problem.trouble in (Trouble.STALE, Trouble.CONFLICT)
    now = discharge_saying.day(words, one.stay.planned_text)
    if between and moment(read_for) != one.stay.planned:
        was = discharge_saying.day(words, read_for)
        form.fault(WHOLE, f"The discharge was planned for {was}, and is now planned for {now}. Answer for the new day.")
    elif problem.trouble is Trouble.CONFLICT and moment(item.body.get("asked_for")) != one.stay.planned:
        form.fault(WHOLE, f"The discharge has just moved to {now}. Send your answer again in a minute.")
    elif problem.trouble is Trouble.STALE and version != item.version and discharge_saying.answer(words, item):
        said = discharge_saying.answer(words, item)
        form.fault(WHOLE, f"Somebody answered this while you were writing: {said}. Look at it before you change it.")
    elif problem.trouble is Trouble.NOT_FOUND:  # The item is there, as was found just now; nobody is asked for it.
        form.fault(WHOLE, "This was closed while you were writing: nothing is asked here any more.")
    else:
        form.blame(problem, FIELDS)


def _page(reader: Reader, one: Readiness, words: Wording, item: Entry, form: Form) -> Response:
    how = state(one.known, one.stay, item)
    held = next((held for held in one.gate.items if held.entry is item), None)
    owner = agency(one.known, owner_of(item))
    mine = one_discharge.is_mine(reader, one, item)
    reached = owner.contacts.get("team")
    return reader.page(
        "care/item.html",
        one.known,
        form=form,
        here=of_item(one.known.person, one.stay.entry.id, item.id),
        stay=of_stay(one.known.person, one.stay.entry.id),
        from_list=form.text("from") == "list",
        item=item,
        hospital=one_discharge.hospital(one, words),
        planned=discharge_saying.day(words, one.stay.planned_text),
        planned_text=one.stay.planned_text,
        sign=STATES[discharge_saying.state_word(held, one.known.now) if held else str(how)],
        answer=discharge_saying.answer(words, item) if how is not State.OPEN else "",
        why=discharge_saying.why(words, one.stay, item, how),
        due=None if how in DONE or held is None else held.due,
        lacking=missing(one.known, one.stay, str(item.body.get("item"))) if how is not State.CONFIRMED else [],
        may=mine and not one.stay.closed and how is not State.CLOSED,
        owner=owner.name or owner.id,
        phone=reached.phone if reached else "",
        answered=how in (State.CONFIRMED, State.NOT_NEEDED, State.BLOCKED),
        reasons={
            status: [*((str(number), text) for number, text in enumerate(some, 1)), (OTHER, "Something else")]
            for status, some in REASONS.items()
        },
        time=TIME,
    )


WAYS = (Way("/people/{person}/stays/{entry}/items/{item}", show, send),)
