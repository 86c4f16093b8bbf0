"""Messages: what was asked of whom, by when it must be taken on, and the steps that a reader may take.

Reading takes no step: who has seen a message says so. Source: coordination scenarios F1 to F6.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_entry, of_person
from api.pages.care.forms import WHOLE, Form
from api.pages.care.paged import paged
from api.pages.care.reader import Reader
from api.pages.care.talk import talking_words, threads
from api.pages.care.talk.threads import OPEN, Thread
from api.pages.care.ways import Way
from plan.attention import title
from plan.feedback_parties import coordinator
from plan.known import Entry, Known
from plan.problem import Problem, Trouble

_GIVEN: Final[dict[str, Any]] = {
    "urgencies": talking_words.URGENCIES,
    "colours": talking_words.COLOURS,
    "states": talking_words.STATES,
    "outcome": talking_words.outcome,
}


@dataclass(frozen=True, slots=True)
class May:
    """What a reader may do with a thread."""

    see: bool = False
    take: bool = False
    answer: bool = False
    understand: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is anything."""
        return self.see or self.take or self.answer or self.understand


def may(reader: Reader, known: Known, thread: Thread) -> May:
    """Only who is asked takes a step, they or the coordinator answer, and only the sender says it is understood."""
    ask, agency = thread.ask_of(reader.account.agency), reader.account.agency
    if ask is None:
        return May()
    state, mine = threads.state(ask), threads.asked(ask) == agency
    takes = mine and reader.role in known.writers[ask.section]
    writes = reader.role in known.writers[thread.first.section]
    replies = writes or (mine and ask.section is not thread.first.section and reader.role in known.writers[ask.section])
    holder = coordinator(known)
    answers = mine or (holder is not None and holder.id == agency)
    return May(
        see=takes and state in OPEN and state != "seen",
        take=takes and state in OPEN,
        answer=replies and answers and state != "closed",
        understand=writes and bool(thread.not_understood(agency)),
    )


async def listed(reader: Reader) -> Response:
    """The threads, what needs the reader first."""
    known = await reader.known()
    all_ = threads.in_order(threads.threads(known), reader.account.agency)
    wanted = "all" if reader.request.query_params.get("show") == "all" else "open"
    shown = [one for one in all_ if wanted == "all" or one.is_open(known.now)]
    return reader.page(
        "care/messages.html",
        known,
        page=paged(reader.request, shown),
        wanted=wanted,
        count=len(all_),
        clock=partial(talking_words.clock, known),
        parties=partial(talking_words.parties, reader.wording(known)),
        steps=partial(talking_words.steps, reader.wording(known)),
        agency=reader.account.agency,
        writes=writes(reader, known),
        **_GIVEN,
    )


def writes(reader: Reader, known: Known) -> bool:
    """Whether the reader may write a message anywhere in this plan."""
    return any(reader.role in roles for section, roles in known.writers.items() if section != "frame")


async def shown(reader: Reader) -> Response:
    """One thread."""
    return await _shown(reader, Form())


async def _shown(reader: Reader, form: Form) -> Response:
    known = await reader.known()
    thread = threads.found(known, reader.entry)
    if thread is None:
        raise Problem(Trouble.NOT_FOUND)
    agency, words = reader.account.agency, reader.wording(known)
    return reader.page(
        "care/message.html",
        known,
        form=form,
        thread=thread,
        may=may(reader, known, thread),
        asks=[(one, talking_words.steps(words, one)) for one in thread.asks],
        unsent=talking_words.steps(words, None),
        clock=talking_words.clock(known, thread, agency),
        state=thread.state_for(agency),
        says=talking_words.SAYS,
        about=[_about(known, one) for one in _references(thread)],
        outcomes=talking_words.OUTCOMES,
        parties=partial(talking_words.parties, words),
        party_names=lambda one: ", ".join(map(words.party, one.body["to"])),
        readers=talking_words.readers(words, thread.first),
        **_GIVEN,
    )


def _references(thread: Thread) -> list[str]:
    return list(dict.fromkeys(str(one) for said in thread.messages for one in said.body.get("about", ())))


def _about(known: Known, reference: str) -> tuple[str, str]:
    """The address and the title of an entry; no address for what this reader does not see."""
    entry = known.at(reference)
    return (of_entry(known, entry), title(entry)) if entry else ("", "something that you may not see")


async def sent(reader: Reader, form: Form) -> Response:
    """One step, by the button that was pressed."""
    known = await reader.known()
    thread = threads.found(known, reader.entry)
    if thread is None:
        raise Problem(Trouble.NOT_FOUND)
    step = _STEPS.get(form.text("do"))
    if step is None:
        form.fault(WHOLE, "Choose what you want to do.")
        return await _shown(reader, form)
    done = await step(reader, thread, form)
    if form.faults:
        reader.forget()
        return await _shown(reader, form)
    return reader.go(f"{of_person(reader.person)}/messages/{thread.first.id}", done)


async def _asked(reader: Reader, message: Entry, word: str, form: Form, body: dict[str, Any] | None = None) -> None:
    address = f"/v1/people/{reader.person}/messages/{message.id}/{word}"
    try:
        await reader.ask("POST", address, body, key=form.key)
    except Problem as problem:
        form.blame(problem, {"outcome": "outcome", "text": "text", "outcome_reason": "reason", "state": WHOLE})


async def _seen(reader: Reader, thread: Thread, form: Form) -> str:
    await _asked(reader, thread.first, "seen", form)
    return "Whoever sent it can read that it was seen. It still has to be acknowledged."


async def _taken(reader: Reader, thread: Thread, form: Form) -> str:
    await _asked(reader, thread.first, "acknowledge", form)
    return "You have taken it on. Its clock has stopped."


async def _answered(reader: Reader, thread: Thread, form: Form) -> str:
    body = {
        "outcome": form.need("outcome", "Choose what came of it."),
        "text": form.need("text", "Write what was done, or what is to be done now."),
    }
    if reason := form.text("reason"):
        body["outcome_reason"] = reason
    if not form.faults:
        await _asked(reader, thread.first, "answer", form, body)
    return "Your answer was sent."


async def _understood(reader: Reader, thread: Thread, form: Form) -> str:
    for message in thread.not_understood(reader.account.agency):
        await _asked(reader, message, "understood", form)
    return "You have understood the answer. The loop is closed."


_STEPS: Final = {"seen": _seen, "acknowledge": _taken, "answer": _answered, "understood": _understood}
WAYS = (
    Way("/people/{person}/messages", listed),
    Way("/people/{person}/messages/{entry}", shown, sent),
)
