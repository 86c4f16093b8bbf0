"""A decision on sharing in two steps: choose, see what it means, and only then confirm. It works without any script.

The person decides everything; who works with them writes down what they said, and how. The check shows who gains and
who loses sight of what, computed from the plan as it is at that moment; the write itself is REST's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.emergency import glass
from api.pages.care.forms import Form, dated
from api.pages.care.mine import sharing
from api.pages.care.mine.sharing import Decision, Effect, Party
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS, Wording
from plan.known import Known
from plan.model import PLAN_SECTIONS, Json, Role, Section
from plan.problem import Problem, Trouble

CHECK, DONE = "check", "done"
"""The steps, by the button that was pressed; any other shows the form again."""
_DECISIONS: Final = (("permit", "Yes, they may see it"), ("deny", "No, they may not see it"))
_CHANGES: Final = (("stop", "Stop it now"), ("end", "Let it end on a day"))
_OWN_WORD: Final = "By the person, on these pages"
_MERGE: Final = "application/merge-patch+json"


def may_decide(reader: Reader, known: Known) -> bool:
    """Who records decisions: the person, and who works on the plan and may add to it. Nobody through an override."""
    if reader.role is Role.PERSON:
        return True
    through = known.person in glass.opened(reader.turn, reader.visit.caller)
    return not through and reader.role is not Role.CARER and reader.role in known.writers.get(Section.ABOUT_ME, ())


async def new(reader: Reader) -> Response:
    """The form of a new decision; `?party=` names whom it is about."""
    known = await _deciding(reader)
    return _shown(reader, known, Form(values={"party": reader.request.query_params.get("party", "")}))


async def decide(reader: Reader, form: Form) -> Response:
    """Choose, check, done."""
    known = await _deciding(reader)
    party = next((one for one in _everyone(known) if one.value == form.text("party")), None)
    if party is None:
        form.fault("party", "Choose who it is about.")
    permits = form.need("decision", "Choose yes or no.") == "permit"
    sections = tuple(section for section in _theirs(reader, known) if section in form.all("sections"))
    if not sections:
        form.fault("sections", "Choose at least one part of the plan.")
    end = _end(reader, known, form)
    _recorded(reader, form)
    if form.faults or party is None:
        return _shown(reader, known, form)
    made = Decision(
        entry=None,
        permits=permits,
        names=_names(party),
        sections=sections,
        until=sharing.last_moment(end) if end else None,
    )
    before = sharing.decisions(known)
    changed = list(sharing.effects(known, before, [*before, made], known.now))
    sentence = sharing.sentence([party.label], sharing.labels(sections), permits=permits)
    if form.text("step") == DONE:
        body: dict[str, Json] = {
            "decision": "permit" if permits else "deny",
            "status": "active",
            "to": [dict(party.grantee)],
            "sections": list(sections),
            "date": _today(known),
            "given_by": {"reference": f"Patient/{known.person}"},
            "basis": "consent",
            "recorded_how": _recorded(reader, form),
        }
        body |= {"end": end} if end else {}
        if await _kept(reader, form, "POST", "", body):
            return _gone(reader, changed)
    if form.text("step") != CHECK or form.faults:
        return _shown(reader, known, form)
    return _checked(reader, known, form, sentence, changed)


async def one(reader: Reader) -> Response:
    """What can be done with a decision that stands."""
    known = await _deciding(reader)
    found = _standing(reader, known)
    assert found.entry is not None
    values = {"version": str(found.entry.version)} | dated("end", str(found.entry.body.get("end", "")))
    return _one_shown(reader, known, found, Form(values=values))


async def change(reader: Reader, form: Form) -> Response:
    """Stop it, or say on which day it ends: choose, check, done."""
    known = await _deciding(reader)
    found = _standing(reader, known)
    what = form.need("change", "Choose what you want to do.")
    end = _end(reader, known, form) if what == "end" else ""
    if what == "end" and not end and not form.fault_of("end"):
        form.fault("end", "Enter the last day.")
    _recorded(reader, form)
    if form.faults:
        return _one_shown(reader, known, found, form)
    before = sharing.decisions(known)
    after = [one for one in before if one != found]
    changed = list(sharing.effects(known, before, after, known.now))
    if form.text("step") == DONE:
        body: dict[str, Json] = {"status": "withdrawn"} if what == "stop" else {"end": end}
        body |= {} if reader.role is Role.PERSON else {"recorded_how": _recorded(reader, form)}
        if await _kept(reader, form, "PATCH", f"/{reader.entry}", body):
            return _gone(reader, changed if what == "stop" else [])
    if form.text("step") != CHECK or form.faults:
        return _one_shown(reader, known, found, form)
    sentence = _changing(known, reader.wording(known), found, end)
    return _checked(reader, known, form, sentence, changed, later=end)


def _shown(reader: Reader, known: Known, form: Form) -> Response:
    people = [(one.value, one.label) for one in _everyone(known)]
    sections = [(section.value, SECTIONS[section]) for section in _theirs(reader, known)]
    said: dict[str, Any] = {
        "people": people,
        "sections": sections,
        "decisions": _DECISIONS,
        "mine": reader.role is Role.PERSON,
    }
    return reader.page("care/consent_new.html", known, form=form, **said)


def _one_shown(reader: Reader, known: Known, found: Decision, form: Form) -> Response:
    assert found.entry is not None
    return reader.page(
        "care/consent_one.html",
        known,
        form=form,
        sentence=_sentence(known, found),
        changes=_CHANGES,
        version=found.entry.version if form.fault_of("form") else form.text("version"),
        mine=reader.role is Role.PERSON,
    )


def _checked(
    reader: Reader, known: Known, form: Form, sentence: str, changed: Sequence[Effect], later: str = ""
) -> Response:
    return reader.page(
        "care/consent_check.html",
        known,
        form=form,
        sentence=sentence,
        effects=[_effect(one, later=bool(later)) for one in changed],
        later=later,
        mine=reader.role is Role.PERSON,
    )


def _effect(one: Effect, *, later: bool) -> tuple[str, str]:
    """What happens to one party, in a sentence, and whether they lose or gain."""
    lost, gained = ", ".join(sharing.labels(one.lost)), ", ".join(sharing.labels(one.gained))
    parts = [f"no longer see: {lost}"] if lost else []
    parts += [f"see: {gained}"] if gained else []
    return f"{one.label} will {' and will '.join(parts)}.", "lost" if lost else "gained"


def _gone(reader: Reader, changed: Iterable[Effect]) -> Response:
    said = " ".join(_effect(one, later=False)[0].replace(" will ", " can now ", 1) for one in changed if one.gained)
    lost = " ".join(
        f"{one.label} no longer sees: {', '.join(sharing.labels(one.lost))}." for one in changed if one.lost
    )
    return reader.go(f"{of_person(reader.person)}/consents", done=f"Your decision was saved. {lost} {said}".strip())


async def _kept(reader: Reader, form: Form, method: str, path: str, body: Mapping[str, Json]) -> bool:
    """Write it by REST; False with faults where it was refused."""
    more: dict[str, Any] = {"media": _MERGE, "version": form.number("version")} if method == "PATCH" else {}
    try:
        await reader.ask(method, f"/v1/people/{reader.person}/consents{path}", body, key=form.key, **more)
    except Problem as problem:
        form.blame(problem, {"end": "end", "sections": "sections"})
        reader.forget()
        return False
    return True


async def _deciding(reader: Reader) -> Known:
    """What is known, for who may decide. Raises REFUSED for everybody else."""
    known = await reader.known()
    if not may_decide(reader, known):
        what = "The person decides what is shared, or tells it to somebody who works with them."
        raise Problem(Trouble.REFUSED, what)
    return known


def _standing(reader: Reader, known: Known) -> Decision:
    """The decision in the address. Raises NOT_FOUND for what is none that stands."""
    found = next((one for one in sharing.decisions(known) if one.entry and one.entry.id == reader.entry), None)
    if found is None or not found.active:
        raise Problem(Trouble.NOT_FOUND)
    return found


def _everyone(known: Known) -> list[Party]:
    return [*sharing.parties(known), *sharing.everybody()]


def _theirs(reader: Reader, known: Known) -> list[Section]:
    """The sections on which a reader can decide: those that they may read themself."""
    return [section for section in PLAN_SECTIONS if reader.role in known.readers.get(section, ())]


def _names(party: Party) -> frozenset[str]:
    """The one name under which a decision about this party is known."""
    own = [name for name in party.names if not name.startswith("role:")]
    return frozenset(own or party.names)


def _end(reader: Reader, known: Known, form: Form) -> str:
    end = form.date("end")
    if end and end < _today(known):
        form.fault("end", "This day is over. Enter today or a day to come.")
    return end


def _recorded(reader: Reader, form: Form) -> str:
    """How it was recorded: the person's own hand, or what a worker says of it."""
    if reader.role is Role.PERSON:
        return _OWN_WORD
    if form.fault_of("recorded_how"):
        return ""
    return form.need("recorded_how", "Say how the person told you, for example: at home, face to face.")


def _sentence(known: Known, found: Decision) -> str:
    assert found.entry is not None
    names = sharing.whom(known, found.entry)
    return sharing.sentence(names, sharing.labels(found.sections), permits=found.permits)


def _changing(known: Known, words: Wording, found: Decision, end: str) -> str:
    return f"{f'Until {words.date(end)}' if end else 'Stop'}: {_sentence(known, found)}"


def _today(known: Known) -> str:
    return datetime.fromtimestamp(known.now / 1000, UTC).astimezone(known.zone).date().isoformat()


WAYS = (
    Way("/people/{person}/consents/new", new, decide),
    Way("/people/{person}/consents/{entry}", one, change),
)
