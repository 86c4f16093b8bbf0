"""What a person or a carer says of the plan: a message to a team, yes or no, an answer to a question."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.forms import Form
from api.pages.care.mine import own_view
from api.pages.care.mine.own_view import QUESTIONS, Asked, Question
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from fhir_facade.drafts import moment as written
from plan.known import Entry, Known
from plan.model import Json, Role
from plan.problem import Problem, Trouble

SOON: Final = (
    ("routine", "This week or next is fine"),
    ("soon", "In the next working day"),
    ("urgent", "Today"),
)
ANSWERS: Final = (("confirmed", "Yes"), ("blocked", "No, there is a problem"), ("not_needed", "I do not need this"))
WORDS: Final = (("agreed", "I agree"), ("disagreed", "I do not agree"))


_PARTS: Final[Mapping[str, str]] = {
    "social_care": "The help that I get",
    "about_me": "What the plan says about me",
}


async def say(reader: Reader) -> Response:
    """The form of a message."""
    known = await _own(reader)
    return _say_shown(reader, known, Form(values={"urgency": "soon", "who_sees": "team"}))


async def said(reader: Reader, form: Form) -> Response:
    """Send a message to a team; to that team alone, unless its writer wants everybody to read it."""
    known = await _own(reader)
    team = next((one for one in known.members() if one.id == form.text("to")), None)
    if team is None:
        form.fault("to", "Choose who should get your message.")
    text = form.need("text", "Write what you want to say.")
    urgency = form.need("urgency", "Choose how soon you need an answer.")
    if not form.faults and team is not None:
        body: dict[str, Json] = {
            "text": text,
            "status": "sent",
            "urgency": urgency,
            "to": [{"reference": team.reference, "name": team.name or team.id}],
            "sent": written(reader.now),
        }
        body |= {} if form.text("who_sees") == "all" else {"restricted_to": [str(team.id)]}
        await _kept(reader, form, "messages", body)
    if form.faults:
        return _say_shown(reader, known, form)
    return reader.go(_back(reader), done="Your message was sent.")


async def agree(reader: Reader) -> Response:
    """The form of a word on the plan: yes or no."""
    known = await _own(reader, person=True)
    return _agree_shown(reader, known, Form(values={"section": "social_care"}))


async def agreed(reader: Reader, form: Form) -> Response:
    """Sign that the person agrees, or that they do not. What changed meanwhile is to be read first."""
    known = await _own(reader, person=True)
    part = next((one for one in own_view.agreeable(known) if one.section == form.text("section")), None)
    if part is None:
        form.fault("section", "Choose what it is about.")
    outcome = form.need("outcome", "Choose whether you agree.")
    if outcome == "disagreed" and not form.text("comment"):
        form.fault("comment", "Say what you do not agree with, so that somebody can put it right.")
    if not form.faults and part is not None:
        signed, seen = form.text(f"signed-{part.section}"), form.text("seen")
        body: dict[str, Json] = {"signed": signed, "seen": seen, "outcome": outcome}
        body |= {"comment": form.text("comment")} if form.text("comment") else {}
        await _kept(reader, form, "reviews", body, {"section": part.section.value})
    if form.faults:
        return _agree_shown(reader, await reader.known(), form)
    return reader.go(_back(reader), done="Thank you. Your team can see what you said.")


async def question(reader: Reader) -> Response:
    """One thing that was asked of the reader."""
    known = await _own(reader)
    return _question_shown(reader, known, _asked(reader, known), Form())


async def answer(reader: Reader, form: Form) -> Response:
    """An answer to it: yes or no to a question before going home, words to a message."""
    known = await _own(reader)
    found = _asked(reader, known)
    if found.kind == "item":
        await _answer_item(reader, form, found.entry)
    else:
        await _answer_message(reader, form, found.entry)
    if form.faults:
        return _question_shown(reader, known, found, form)
    return reader.go(_back(reader), done="Your answer was sent.")


async def _answer_item(reader: Reader, form: Form, item: Entry) -> None:
    status, note = form.need("status", "Choose an answer."), form.text("note")
    if status in ("blocked", "not_needed") and not note:
        form.fault("note", "Say in a few words why.")
    if form.faults:
        return
    body: dict[str, Json] = {"status": status, "asked_for": item.body["asked_for"]}
    body |= ({"note": note} if note else {}) | ({"reason": {"text": note[:255]}} if status != "confirmed" else {})
    stay = str(item.body["stay"]).partition("/")[2]
    await _kept(reader, form, f"stays/{stay}/readiness/{item.id}", body)


async def _answer_message(reader: Reader, form: Form, message: Entry) -> None:
    text = form.need("text", "Write your answer.")
    if form.faults:
        return
    body: dict[str, Json] = {"text": text, "status": "sent", "in_reply_to": message.reference}
    body |= {"sent": written(reader.now)}
    if message.restriction is not None:
        body["restricted_to"] = sorted({*message.restriction, message.agency})
    await _kept(reader, form, "messages", body)


async def _kept(
    reader: Reader, form: Form, path: str, body: dict[str, Json], query: Mapping[str, str] | None = None
) -> None:
    """Send it to REST, and put what is refused beside its field."""
    try:
        await reader.ask("POST", f"/v1/people/{reader.person}/{path}", body, query=query, key=form.key)
    except Problem as problem:
        form.blame(problem, {"reason": "note"})
        reader.forget()


def _say_shown(reader: Reader, known: Known, form: Form) -> Response:
    agencies, _ = own_view.helpers(known)
    teams = [(one.agency, one.name, one.what) for one in agencies]
    return reader.page("care/own_say.html", known, form=form, teams=teams, soon=SOON)


def _agree_shown(reader: Reader, known: Known, form: Form) -> Response:
    there = own_view.agreeable(known)
    stale = bool(form.fault_of("form"))
    parts = [(one.section.value, _PARTS[one.section]) for one in there]
    now = {one.section.value: f"{one.reference}/_history/{one.version}" for one in there}
    signed = {section: (not stale and form.text(f"signed-{section}")) or said for section, said in now.items()}
    seen = (not stale and form.text("seen")) or written(known.now)
    return reader.page(
        "care/own_agree.html",
        known,
        form=form,
        parts=parts,
        signed=signed,
        seen=seen,
        words_of=WORDS,
        goals=own_view.goals(known),
        services=[str(one.body["service"]) for one in known.of("service") if one.body.get("status") == "active"],
    )


def _question_shown(reader: Reader, known: Known, found: Asked, form: Form) -> Response:
    plain = QUESTIONS.get(str(found.entry.body.get("item")), Question(found.what))
    mine = reader.role is Role.PERSON
    return reader.page("care/own_asked.html", known, form=form, asked=found, plain=plain, answers=ANSWERS, mine=mine)


def _asked(reader: Reader, known: Known) -> Asked:
    """What is asked in the address. Raises NOT_FOUND for what is not asked of this reader, or is answered."""
    me = own_view.references(known, reader.account.subject, is_person=reader.role is Role.PERSON)
    there = own_view.asked(known, me, reader.account.agency)
    found = next((one for one in there if one.entry.id == reader.entry), None)
    if found is None:
        raise Problem(Trouble.NOT_FOUND, "Nothing is asked of you here. It may have been answered already.")
    return found


async def _own(reader: Reader, *, person: bool = False) -> Known:
    """What is known, for the person or a carer. Raises NOT_FOUND, and REFUSED for those who have pages of their own."""
    known = await reader.known()
    if reader.role is not Role.PERSON and (person or reader.role is not Role.CARER):
        raise Problem(Trouble.REFUSED, "This page is the person's own.")
    return known


def _back(reader: Reader) -> str:
    return f"{of_person(reader.person)}/mine"


WAYS = (
    Way("/people/{person}/mine/say", say, said),
    Way("/people/{person}/mine/agree", agree, agreed),
    Way("/people/{person}/mine/asked/{entry}", question, answer),
)
