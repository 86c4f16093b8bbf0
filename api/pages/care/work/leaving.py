"""Leaving although the gate is not ready, and a discharge that failed: both are kept with their reasons."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_stay
from api.pages.care.forms import WHOLE, Form
from api.pages.care.reader import Reader
from api.pages.care.times import moment_of
from api.pages.care.ways import Way
from api.pages.care.wording import Wording
from api.pages.care.work import discharge_saying, one_discharge
from api.pages.care.work.discharge_saying import GATES
from api.pages.care.work.one_discharge import CATEGORIES
from api.readiness import Readiness
from plan.discharge_items import DONE
from plan.discharge_table import OVERRIDE_REASONS
from plan.model import Json
from plan.problem import Problem, Trouble

CAUSES: Final = (1, 2, 3)
"""So many causes the form asks for: one coded reason is a known mistake, and more can be written in words."""
NEEDED: Final[Mapping[str, str]] = {
    "role": "Enter as what you decide this, such as ward sister.",
    "reason": "Choose the reason.",
    "text": "Write the reason in your own words.",
    "receives": "Enter the name of the person who receives them at home.",
    "mitigation": "Write what is done so that nobody comes to harm.",
}
_WHOLE: Final = {"stay": WHOLE, "status": WHOLE}


async def show_override(reader: Reader) -> Response:
    """The form for the decision; for those who may not take it, whom to ask."""
    one, words = await one_discharge.found(reader)
    if not one_discharge.may(reader, one).override:
        what = "This is decided by the hospital that the person is in, or by the coordinator,"
        raise Problem(Trouble.REFUSED, f"{what} as long as the stay is open and something is not ready.")
    return _override_page(reader, one, words, Form())


async def send_override(reader: Reader, form: Form) -> Response:
    """Take the decision."""
    one, words = await one_discharge.found(reader)
    said = {name: form.need(name, what) for name, what in NEEDED.items()}
    body: dict[str, Json] = {
        **said,
        "reason": {"code": said["reason"], "text": OVERRIDE_REASONS.get(said["reason"], said["reason"])},
        "receives": {"name": said["receives"]},
    }
    if said["reason"] and said["reason"] not in OVERRIDE_REASONS:
        form.fault("reason", NEEDED["reason"])
    await _ask(reader, form, "override", body)
    if form.faults:
        return _override_page(reader, one, words, form)
    return reader.go(of_stay(reader.person, reader.entry), "Your decision is saved. Those who are not ready are told.")


async def show_failed(reader: Reader) -> Response:
    """The form for a discharge that failed."""
    one, words = await one_discharge.found(reader)
    return _failed_page(reader, one, words, Form())


async def send_failed(reader: Reader, form: Form) -> Response:
    """Keep it, with everything that contributed to it."""
    one, words = await one_discharge.found(reader)
    category = form.need("category", "Choose what happened.")
    if category and category not in CATEGORIES:
        form.fault("category", "Choose what happened.")
    at = moment_of(one.known.zone, form, "at")
    if not at and not form.fault_of("at") and not form.fault_of("at_time"):
        form.fault("at", "Enter the day on which it happened.")
    body: dict[str, Json] = {"category": category, "at": at, "causes": list(_causes(form, one))}
    body |= {"text": form.text("text")} if form.text("text") else {}
    await _ask(reader, form, "failed-discharge", body)
    if form.faults:
        return _failed_page(reader, one, words, form)
    return reader.go(of_stay(reader.person, reader.entry), "It is recorded. Everybody who had a part in it is told.")


async def _ask(reader: Reader, form: Form, what: str, body: Mapping[str, Json]) -> None:
    if form.faults:
        return
    path = f"/v1/people/{reader.person}/stays/{reader.entry}/{what}"
    try:
        await reader.ask("POST", path, body, key=form.key)
    except Problem as problem:
        form.blame(problem, {**_WHOLE, "causes": "reason1"})


def _causes(form: Form, one: Readiness) -> list[dict[str, Json]]:
    """What went wrong, each with whose part it was; the first must be there, the others are whole or empty."""
    found: list[dict[str, Json]] = []
    for number in CAUSES:
        reason, agency = form.text(f"reason{number}"), form.text(f"agency{number}")
        if number > 1 and not reason and not agency:
            continue
        if not reason:
            form.fault(f"reason{number}", "Write what went wrong.")
        if agency not in one.known.agencies:
            form.fault(f"agency{number}", "Choose whose part it was.")
        found.append({"reason": {"text": reason}, "agency": f"Organization/{agency}"})
    return found


def _override_page(reader: Reader, one: Readiness, words: Wording, form: Form) -> Response:
    word = discharge_saying.gate_word(one.gate.state, one.gate.reasons)
    return _page(
        reader,
        one,
        words,
        form,
        "care/leave_unready.html",
        sign=GATES[word],
        why=discharge_saying.gate_why(words, one.stay, one.gate),
        holding=[held.title for held in one.gate.items if held.blocking and held.state not in DONE],
        reasons=list(OVERRIDE_REASONS.items()),
    )


def _failed_page(reader: Reader, one: Readiness, words: Wording, form: Form) -> Response:
    agencies = [(id_, agency.name or id_) for id_, agency in one.known.agencies.items()]
    categories, numbers = list(CATEGORIES.items()), CAUSES
    return _page(
        reader, one, words, form, "care/failed.html", agencies=agencies, categories=categories, numbers=numbers
    )


def _page(reader: Reader, one: Readiness, words: Wording, form: Form, name: str, **said: Any) -> Response:
    return reader.page(
        name,
        one.known,
        form=form,
        stay=of_stay(one.known.person, one.stay.entry.id),
        hospital=one_discharge.hospital(one, words),
        planned=discharge_saying.day(words, one.stay.planned_text),
        **said,
    )


WAYS = (
    Way("/people/{person}/stays/{entry}/override", show_override, send_override),
    Way("/people/{person}/stays/{entry}/failed", show_failed, send_failed),
)
