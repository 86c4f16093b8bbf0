"""What the service itself writes when nobody answers: to whoever is told, and to the sender that they were.

A notice says who, which clock and what happened. It stands where its original stands, for the same readers, and is
written once: what its key finds is never written again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plan.clocks import local, written
from plan.feedback_parties import Party, Reached, readers_of
from plan.feedback_table import TOPIC_SYSTEM, TOPICS
from plan.known import Entry, Known, Want
from plan.model import AgencyId


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What has not been answered: a sentence on it, what it is about, and when its time was over."""

    key: str
    original: Entry
    what: str
    about: tuple[str, ...]
    when: int


def escalation(known: Known, case: Case, told: Reached, senders: Mapping[AgencyId, Party]) -> Iterator[Want]:
    """The escalation, and one word to each sender."""
    missing = " ".join(told.notes)
    yield from _notice(known, case, "", "escalation", told.to, f"{case.what} Please see to it. {missing}")
    now_with = f"{told.to.get('name', 'a contact')} has been told" if told.to else "nobody could be told"
    for agency, party in senders.items():
        text = f"{case.what} Its time was over at {when(known, case.when)}: {now_with}. {missing}"
        yield from _notice(known, case, f":told:{agency}", "sender-told", party, text)


def when(known: Known, moment: int) -> str:
    """A moment in the words of the person's place."""
    return local(moment, known.zone)


def _notice(known: Known, case: Case, more: str, topic: str, to: Party | None, text: str) -> Iterator[Want]:
    key = f"escalation:{case.key}{more}"
    if known.made(key):
        return
    body = {
        "text": text.strip(),
        "status": "sent",
        "topic": {"system": TOPIC_SYSTEM, "code": topic, "text": TOPICS[topic]},
        "sent": written(case.when),
        "about": list(case.about),
    } | ({"to": [to]} if to else {})
    yield Want(
        key=key,
        kind="message",
        section=case.original.section,
        body=body,
        restriction=readers_of(case.original),
        reason=TOPICS[topic],
    )
