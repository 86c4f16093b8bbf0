"""What a person's own view shows, from what is known: the words in which they know themself, what happens, who helps.

Pure: plain values in, plain values out. The words are for a reader of nine to eleven years.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from plan.known import Agency, Entry, Known, moment
from plan.model import Role, Section

PARTS: Final[Mapping[str, str]] = {
    "most_important": "What matters most to me",
    "people_important": "People who matter to me",
    "communication": "How to talk with me",
    "wellness": "How I am when I am well",
    "please_do_and_dont": "Please do, and please do not",
    "how_and_when_to_support": "When and how to help me",
    "also_worth_knowing": "Other things to know about me",
}
"""The parts of about me (PRSB About Me v2.01), as the person reads them."""
KINDS: Final[Mapping[str, str]] = {
    "hospital": "The hospital",
    "gp_practice": "Your doctor's surgery",
    "pharmacy": "The chemist",
    "community_health": "Nurses and therapists who come to you",
    "social_care": "Council care team",
    "care_provider": "The carers who visit you",
    "housing": "Your landlord",
    "equipment": "The people who bring equipment",
    "benefits": "Help with benefits and money",
    "discharge_hub": "The team that plans going home",
}
ATTAINED: Final[Mapping[str, str]] = {
    "in_progress": "You are working on it",
    "improving": "It is getting better",
    "worsening": "It is getting harder",
    "no_change": "It is the same as before",
    "achieved": "You did it",
    "sustaining": "You did it, and you keep it up",
    "not_achieved": "It did not work out",
}
_UNDER_WAY: Final = ("accepted", "active", "on_hold", "proposed")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK: Final = 7


class Question(NamedTuple):
    """An item of readiness as it is asked of people, and what helps to answer it."""

    asks: str
    hint: str = ""


QUESTIONS: Final[Mapping[str, Question]] = {
    "person.agrees": Question("Do you know when you are going home, and is that all right with you?"),
    "person.carer": Question("Are you willing and able to help when they come home?", "It is all right to say no."),
    "person.arrival": Question(
        "Will there be food for a day at home, and somebody to let you in?", "Say no if you need help with it."
    ),
    "person.night": Question("Do you want to go home even if it is late in the evening or at night?"),
}
"""What people are asked before somebody goes home, by the code of the item (plan.discharge_table)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal: what it is called, the person's own words for it, how far it has come, and the next step."""

    goal: str
    own_words: str = ""
    attained: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody comes, or something happens: the local time, empty for all day, who, and what for."""

    time: str
    who: str
    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """Somebody who helps: their name, what they are to the person, and how they are reached."""

    name: str
    what: str = ""
    phone: str = ""
    email: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that is asked of the reader: `kind` item or message."""

    entry: Entry
    kind: str
    what: str
    due: int | None = None


def about_me(known: Known) -> Entry | None:
    """The person's own words: their own entry before one that somebody wrote for them, the newest of several."""
    return max(known.of("about_me"), key=lambda one: (one.by_role == Role.PERSON, one.at), default=None)


def goals(known: Known) -> list[Goal]:
    """The goals that are under way, the most important first."""
    there = [one.body for one in known.of("goal") if one.body.get("status") in _UNDER_WAY]
    return [_goal(body) for body in sorted(there, key=lambda body: -int(body.get("importance", 0)))]


def _goal(body: Mapping[str, Any]) -> Goal:
    steps = (one["goal"] for one in body.get("stage_goals", ()) if one.get("status") in ("in_progress", "not_started"))
    return Goal(
        goal=str(body["goal"]),
        own_words=str(body.get("own_words", "")),
        attained=ATTAINED.get(str(body.get("attainment", "")), ""),
        step=next(steps, ""),
    )


def week(known: Known) -> list[tuple[date, list[Visit]]]:
    """What happens today and on the six days after, in the order of the day; days without anything too."""
    today = datetime.fromtimestamp(known.now / 1000, known.zone).date()
    days = [today + timedelta(days=n) for n in range(WEEK)]
    return [(day, sorted(_on(known, day), key=lambda one: one.time)) for day in days]


def _on(known: Known, day: date) -> Iterator[Visit]:
    for service in known.of("service"):
        body: Mapping[str, Any] = service.body
        if body.get("status") == "active" and _covers(body.get("period") or {}, day):
            yield from _visits(known, service, day)
    for stay in known.of("stay"):
        planned = moment(stay.body.get("planned_discharge"))
        if planned is not None and stay.body.get("status") == "in_hospital" and _local(known, planned).date() == day:
            yield Visit(time=f"{_local(known, planned):%H:%M}", who="You are to leave hospital")


def _visits(known: Known, service: Entry, day: date) -> Iterator[Visit]:
    who = _party(known, service.body.get("provider"), known.agencies.get(service.agency))
    for one in service.body.get("visits", ()):
        if _DAYS[day.weekday()] in one.get("days", _DAYS):
            yield Visit(time=one["start"], who=who, what=one.get("tasks", service.body["service"]))


def _covers(period: Mapping[str, Any], day: date) -> bool:
    start, end = (str(period.get(name, ""))[:10] for name in ("start", "end"))
    said = day.isoformat()
    return start[: len(said)] <= said and (not end or said[: len(end)] <= end)


def in_hospital(known: Known) -> bool:
    """Whether the person is in hospital, so that visits at home may not happen."""
    return any(stay.body.get("status") == "in_hospital" for stay in known.of("stay"))


def helpers(known: Known) -> tuple[list[Helper], list[Helper]]:
    """Who helps: the agencies of the team, and the person's own people."""
    agencies = [_agency(one) for one in known.members()]
    return agencies, [_contact(one.body) for one in known.of("contact")]


def _agency(one: Agency) -> Helper:
    team = one.contacts.get("team") or one.contacts.get("duty")
    return Helper(
        name=one.name or one.id,
        what=KINDS.get(one.kind, ""),
        phone=team.phone if team else "",
        email=team.email if team else "",
        agency=one.id,
    )


def _contact(body: Mapping[str, Any]) -> Helper:
    return Helper(
        name=str(body["name"]),
        what=str(body.get("relationship", "")),
        phone=str(body.get("phone", "")),
        email=str(body.get("email", "")),
    )


def references(known: Known, subject: str, *, is_person: bool) -> frozenset[str]:
    """Under which references the plan speaks of the reader: the person, or a carer by their contact entries."""
    if is_person:
        return frozenset({f"Patient/{known.person}"})
    return frozenset(one.reference for one in known.of("contact") if one.body.get("subject") == subject)


def asked(known: Known, me: frozenset[str], agency: str) -> list[Asked]:
    """What waits for the reader's answer: questions before going home, and messages without an answer."""
    items = [
        Asked(entry=one, kind="item", what=_question(one), due=moment(one.body.get("due")))
        for one in known.of("readiness")
        if one.body.get("status") == "asked" and one.body.get("who", {}).get("reference") in me
    ]
    replied = {str(one.body.get("in_reply_to")) for one in known.of("message") if one.agency == agency}
    messages = [
        Asked(entry=one, kind="message", what=str(one.body["text"]))
        for one in known.of("message")
        if _is_to(one, me) and one.by_role != "service" and one.agency != agency and one.reference not in replied
    ]
    return [*items, *reversed(messages)]


def _question(item: Entry) -> str:
    plain = QUESTIONS.get(str(item.body.get("item")))
    return plain.asks if plain else str(item.body["what"])


def _is_to(message: Entry, me: Iterable[str]) -> bool:
    return any(party.get("reference") in me for party in message.body.get("to", ()))


def _party(known: Known, party: Any, otherwise: Agency | None) -> str:
    if isinstance(party, dict) and party.get("name"):
        return str(party["name"])
    reference = str(party.get("reference", "")) if isinstance(party, dict) else ""
    found = next((one for one in known.agencies.values() if one.reference == reference), otherwise)
    return (found.name or found.id) if found else "Somebody"


def _local(known: Known, at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, known.zone)


def agreeable(known: Known) -> list[Entry]:
    """The parts of the plan with which the person can say that they agree or do not: their sections, as they stand."""
    there = {one.section: one for one in known.of("section")}
    return [there[section] for section in (Section.SOCIAL_CARE, Section.ABOUT_ME) if section in there]
