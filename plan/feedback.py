"""The feedback loop: what visitors report reaches the team that decides, with a clock, and an answer comes back.

Every message that asks has one ask, with its states and who took each; unacknowledged at the whole of its clock the
team's duty contact is told, at one and a half the plan's coordinator, and the sender each time (scenarios F1 to F6).
What the service writes itself says who, which clock and what has happened, and stands where its original stands, for
the same readers: no clinical word leaves its section.
"""

from collections.abc import Iterator

from plan import feedback_notices, feedback_readings
from plan.clocks import DAY, written
from plan.feedback_parties import Reached, contact, coordinator, named, of_agency, of_coordinator, sender, standing
from plan.feedback_table import AMOUNTS, STATES, at
from plan.feedback_threads import Thread, key_of, taken, threads
from plan.known import HOUSE, Entry, Known, Wake, Want, moment
from plan.model import Json
from plan.names import within

ORDER = tuple(STATES)
_OPEN = ("sent", "delivered", "seen")
Steps = list[dict[str, Json]]


def feedback(known: Known) -> Iterator[Want | Wake]:
    """All asks, their escalations, and what is not asked any more."""
    wanted: set[str] = set()
    for thread in threads(known):
        wanted.add(thread.key)
        yield from _followed(known, thread)
    for reading in feedback_readings.readings(known):
        wanted.add(reading.key)
        yield from feedback_readings.followed(known, reading)
    for ask in known.of("ask"):
        key = _key(ask)
        if key not in wanted and known.made(key) is ask and is_open(ask):
            yield Want(key=key, kind="ask", section=ask.section, body=None, reason="It is not asked any more.")


def is_open(ask: Entry) -> bool:
    """Whether nobody has acknowledged it."""
    return ask.body.get("state") in _OPEN


def _key(ask: Entry) -> str:
    """The key under which an ask was made, if it was."""
    focus = str(ask.body.get("focus", "")).partition("/")[2]
    agency = str(ask.body.get("to", {}).get("reference", "/nobody")).partition("/")[2]
    version = ask.body.get("focus_version")
    return key_of(focus, agency) if version is None else feedback_readings.key_of(focus, version, agency)


def _followed(known: Known, thread: Thread) -> Iterator[Want | Wake]:
    ask = known.made(thread.key)
    steps = _steps(known, thread, ask)
    open_ = not any(step["state"] not in _OPEN for step in steps)
    stages = _stages(known, thread) if open_ and not known.identity.get("died") else []
    reached = [(name, when, told) for name, when, told in stages if when <= known.now]
    notes = [*(note for _, _, told in reached for note in told.notes), *([thread.note] if thread.note else [])]
    section, restriction = standing(known, thread.first, thread.asked)
    body = _body(known, thread, ask, steps, notes)
    yield Want(key=thread.key, kind="ask", section=section, body=body, restriction=restriction)
    for name, when, told in reached:
        yield from _escalated(known, thread, name, when, told)
    yield from (Wake(when) for _, when, _ in stages if when > known.now)
    yield from (Wake(when) for when in _closing(known, thread))


def _stages(known: Known, thread: Thread) -> list[tuple[str, int, Reached]]:
    """Whom an unacknowledged thread is taken to, and when."""
    first = thread.first
    rows = (("duty", "duty_percent"), ("coordinator", "coordinator_percent"))
    times = [(name, thread.due(known, at(AMOUNTS, amount, first.created).value)) for name, amount in rows]
    told = (contact(known, first, thread.asked, "duty"), of_coordinator(known, first, thread.asked))
    return [(name, when, one) for (name, when), one in zip(times, told, strict=True)]


def _escalated(known: Known, thread: Thread, stage: str, when: int, told: Reached) -> Iterator[Want]:
    """Whoever is told, and the sender that they were; each once."""
    what = f"a message that was sent at {feedback_notices.when(known, thread.first.created)} ({thread.urgency})"
    case = feedback_notices.Case(
        key=f"{thread.key}:{stage}",
        original=thread.first,
        what=f"{named(thread.asked)} has not acknowledged {what}.",
        about=(*(one.reference for one in thread.messages),),
        when=when,
    )
    senders = {one.agency: sender(known, one) for one in thread.messages}
    yield from feedback_notices.escalation(known, case, told, senders)


def _body(known: Known, thread: Thread, ask: Entry | None, steps: Steps, notes: list[str]) -> dict[str, Json]:
    """The whole of an ask. Once it is acknowledged its clock has stopped, and `due` stays as it was."""
    before = dict(ask.body) if ask else {}
    state = max((str(step["state"]) for step in steps), key=ORDER.index)
    answer = _answer(known, thread)
    said = before | {
        "what": f"Acknowledge a message from {within(sender(known, thread.first).get('name', 'somebody'))}",
        "state": state,
        "focus": thread.first.reference,
        "to": of_agency(thread.asked) if thread.asked else None,
        "asked_by": _asker(known, thread.first),
        "urgency": thread.urgency,
        "messages": [one.reference for one in thread.messages],
        "count": len(thread.messages),
        "started": written(thread.first.created),
        "due": before["due"] if ask and not is_open(ask) else written(_stages(known, thread)[0][1]),
        "answer": answer.reference if answer else None,
        "outcome": answer.body["outcome"] if answer else None,
        "steps": steps,
        "unreached": list(dict.fromkeys([*before.get("unreached", ()), *notes])) or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _asker(known: Known, message: Entry) -> Json:
    agency = known.agencies.get(message.agency)
    return of_agency(agency) if agency else message.body.get("sender")


def _steps(known: Known, thread: Thread, ask: Entry | None) -> Steps:
    """The steps that were taken, with those that follow from an answer and from its being understood."""
    first = thread.first
    steps: Steps = list(ask.body.get("steps", ())) if ask else []
    if not steps:
        steps = [_step("sent", first.created, first.author, first.agency), _step("delivered", known.now, HOUSE, HOUSE)]
    have = {step["state"] for step in steps}
    first_answer = next(iter(_answers(known, thread)), None)
    if first_answer and "acted" not in have:
        steps = [*steps, _step("acted", first_answer.created, first_answer.author, first_answer.agency)]
    closed = _closed(known, thread)
    if closed and "closed" not in have:
        steps = [*steps, closed]
    return steps


def _step(state: str, when: int, by: str, agency: str) -> dict[str, Json]:
    return {"state": state, "at": written(when), "by": by or HOUSE, "agency": agency or HOUSE}


def _answers(known: Known, thread: Thread) -> list[Entry]:
    """Replies with an outcome by the team that was asked or by the coordinator, the oldest first."""
    there = {one.reference for one in thread.messages}
    may = {agency.id for agency in (thread.asked, coordinator(known)) if agency}
    replies = (one for one in known.of("message") if one.body.get("in_reply_to") in there)
    return [one for one in replies if "outcome" in one.body and one.agency in may]


def _answer(known: Known, thread: Thread) -> Entry | None:
    return next(reversed(_answers(known, thread)), None)


def _closed(known: Known, thread: Thread) -> dict[str, Json] | None:
    """The loop closes when every sender has understood the latest answer, or has had the time to."""
    answer = _answer(known, thread)
    if answer is None:
        return None
    understood = [moment(one.body.get("understood")) for one in thread.messages]
    said = [when for when in understood if when is not None and when >= answer.created]
    if len(said) == len(understood):
        return _step("closed", max(said), thread.first.author, thread.first.agency)
    until = _until(answer)
    return _step("closed", until, HOUSE, HOUSE) if until <= known.now else None


def _closing(known: Known, thread: Thread) -> Iterator[int]:
    answer = _answer(known, thread)
    if answer and not any(taken(known.made(thread.key), "closed")):
        yield _until(answer)


def _until(answer: Entry) -> int:
    return answer.created + at(AMOUNTS, "understood_days", answer.created).value * DAY
