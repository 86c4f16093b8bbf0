"""A new message: to which teams, how urgent, about which sign, and who may read it."""

from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.forms import Form
from api.pages.care.navigation import WORKERS
from api.pages.care.reader import Reader
from api.pages.care.talk import talking_words
from api.pages.care.ways import Way
from api.pages.care.wording import ROLES, SECTIONS
from plan import feedback_table, signs
from plan.attention import title
from plan.attention_rules import CLOSED
from plan.feedback_parties import responsible
from plan.known import HOUSE, Agency, Entry, Known
from plan.model import PLAN_SECTIONS, AgencyId, Role, Section
from plan.problem import Problem, Trouble

MOST: Final = 2_000
"""How long a message may be here, in characters: what is longer is a document."""
_ABOUT: Final = ("need", "goal", "medicine", "prescription", "allergy", "service", "equipment", "instruction", "risk")
_MOST_ABOUT = 40
_FIRST: Final = (Section.SOCIAL_CARE, Section.HEALTH, Section.TRANSITIONS, Section.CONTINGENCY)
_FIELDS: Final = {name: name for name in ("to", "urgency", "concern", "about", "text", "section")}


async def shown(reader: Reader) -> Response:
    """An empty form, for the team that answers for the person."""
    known = await reader.known()
    usual = responsible(known)
    section = _usual(reader, known, usual)
    values = {
        "section": section.value if section else "",
        "to": str(usual.id) if usual and usual.id != reader.account.agency else "",
    }
    return _page(reader, known, Form(values=values))


async def sent(reader: Reader, form: Form) -> Response:
    """Send it."""
    known = await reader.known()
    body, section = _body(form, known), form.need("section", "Choose what it is about.")
    if not form.faults:
        try:
            address = f"/v1/people/{reader.person}/messages"
            made = await reader.ask("POST", address, body, query={"section": section}, key=form.key)
        except Problem as problem:
            form.blame(problem, _FIELDS)
            return _page(reader, known, form, problem.extra.get("ring"))
    if form.faults:
        return _page(reader, known, form)
    to = ", ".join(str(party["name"]) for party in body["to"])
    return reader.go(f"{of_person(reader.person)}/messages/{made.body['id']}", f"Your message was sent to {to}.")


def _body(form: Form, known: Known) -> dict[str, Any]:
    chosen = form.all("to")
    if not chosen:
        form.fault("to", "Choose who you ask.")
    body: dict[str, Any] = {"text": form.need("text", "Write what you have seen, and what you ask."), "status": "sent"}
    if len(body["text"]) > MOST:
        form.fault("text", f"Write at most {MOST} characters.")
    body["urgency"] = form.need("urgency", "Choose how urgent it is.")
    body["to"] = [_party(known, id_) for id_ in chosen]
    if code := form.text("concern"):
        body["concern"] = signs.concern(code)
        if body["concern"] is None:
            form.fault("concern", "Choose a sign of the list, or none.")
    if about := form.all("about"):
        body["about"] = about
    if form.text("only"):
        body["restricted_to"] = sorted(set(chosen))
    return body


def _party(known: Known, id_: str) -> dict[str, str]:
    found = known.agencies.get(AgencyId(id_))
    return {"reference": f"Organization/{id_}", "name": (found.name if found else "") or id_}


def _page(reader: Reader, known: Known, form: Form, ring: Any = None) -> Response:
    sections = _sections(reader, known)
    if not sections:
        raise Problem(Trouble.REFUSED, "Your role reads this plan, and writes no messages in it.")
    teams = [(str(one.id), one.name or one.id, None) for one in known.members() if one.id != reader.account.agency]
    return reader.page(
        "care/message_new.html",
        known,
        form=form,
        teams=teams,
        urgencies=talking_words.URGENCY_CHOICES,
        signs=[(one.code, one.text) for one in signs.SIGNS],
        sections=[(one.value, SECTIONS[one.value], _readers(known, one)) for one in sections],
        about=[(one.reference, title(one), None) for one in _entries(known)],
        usual=_said(form.text("section")),
        ring=ring or (),
        emergency=_emergency(known),
        most=MOST,
    )


def _sections(reader: Reader, known: Known) -> list[Section]:
    return [one for one in PLAN_SECTIONS if reader.role in known.writers[one]]


def _usual(reader: Reader, known: Known, asked: Agency | None) -> Section | None:
    """Where a message to a team stands when nobody chooses: where both may write, so that it can be answered there."""
    mine = _sections(reader, known)
    theirs = feedback_table.ROLE_OF.get(asked.kind) if asked else None
    both = [one for one in (*_FIRST, *PLAN_SECTIONS) if one in mine and (not theirs or theirs in known.writers[one])]
    return next(iter([*both, *mine]), None)


def _readers(known: Known, section: Section) -> str:
    """A carer reads what the person has opened to them, so that carers are named nowhere."""
    reads = [role for role in Role if role in known.readers[section] and role is not Role.CARER]
    if set(reads) >= {*WORKERS, Role.PERSON}:
        return "Read by the person and everybody on the team."
    return f"Read by: {', '.join(ROLES[role.value].lower() for role in reads)}."


def _said(section: str) -> str:
    return f"whoever reads {SECTIONS[section]}" if section in SECTIONS else "choose"


def _entries(known: Known) -> list[Entry]:
    """What is current, the newest first."""
    current = [one for one in known.of(*_ABOUT) if one.body.get("status") not in CLOSED and one.agency != HOUSE]
    return sorted(current, key=lambda one: -one.at)[:_MOST_ABOUT]


def _emergency(known: Known) -> list[tuple[str, str]]:
    """The numbers to ring at once, with whose they are."""
    points = [
        (point.phone, one.name) for one in known.members() for w, point in one.contacts.items() if w == "emergency"
    ]
    there = [one for one in points if one[0]]
    row = feedback_table.at(feedback_table.EMERGENCY, "emergency", known.now)
    return there or [(row.number, "emergency services")]


WAYS = (Way("/people/{person}/messages/new", shown, sent),)
