"""The plan at a glance: what matters to the person, their goals, who comes when, what stands at home, who is near.

Nothing is judged here; each part leads to its section. What the reader may not see is not there, and says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from api.pages.care import addresses
from api.pages.care.plan_page.plan_changes import clipped
from api.pages.care.wording import Wording, sentence
from plan.attention import title
from plan.attention_rules import CLOSED, live
from plan.discharge_table import CARER
from plan.known import Entry, Known
from plan.model import Section

SCORES: Final[Mapping[int, str]] = {
    -2: "much less than hoped for",
    -1: "less than hoped for",
    0: "as hoped for",
    1: "more than hoped for",
    2: "much more than hoped for",
}
"""Goal Attainment Scaling in words (Kiresuk and Sherman 1968)."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OVER: Final = frozenset({*CLOSED, "rejected", "proposed", "stopped", "not_taken", "returned"})
_STEPS: Final = ("requested", "ordered", "delivered", "installed", "on_hold", "tested")
"""Equipment that is not tested yet comes first: nobody can rely on it."""
_MOST: Final = 5
_MOST_ROWS: Final = 8
_PROSE: Final = 400
_LINE: Final = 110


class Part(NamedTuple):
    """One line: what it is, what is said of it, and where it stands."""

    text: str
    more: str
    href: str


class Some(NamedTuple):
    """The first of several, and how many there are besides."""

    parts: list[Part]
    left: int


class Row(NamedTuple):
    """One agency's week: for each day the times at which it comes."""

    who: str
    days: list[list[str]]


class Glance(NamedTuple):
    """The block. None: the reader has no leave in the section; empty: nothing is written there."""

    matters: Part | None
    matters_said: bool
    goals: Some | None
    week: list[Row]
    week_left: int
    others: Some
    medicines: Some
    equipment: Some
    home: list[Part]
    reads_services: bool
    reads_home: bool


def glance(known: Known, words: Wording) -> Glance:
    """What a reader sees of it."""
    about = next(known.of("about_me"), None)
    rows, unplanned = _week(known, words)
    return Glance(
        matters=Part(clipped(str(about.body.get("most_important", "")), _PROSE), "", addresses.of_entry(known, about))
        if about and about.body.get("most_important")
        else None,
        matters_said=readable(known, Section.ABOUT_ME),
        goals=some(_goals(known), _MOST) if readable(known, *_WITH_GOALS) else None,
        week=rows[:_MOST_ROWS],
        week_left=max(0, len(rows) - _MOST_ROWS),
        others=some(unplanned, _MOST),
        medicines=some(_medicines(known, words), _MOST),
        equipment=some(_equipment(known, words), _MOST),
        home=[*_home(known, words)][:_MOST_ROWS],
        reads_services=readable(known, *_WITH_GOALS),
        reads_home=readable(known, Section.HOUSING, Section.ABOUT_ME),
    )


_WITH_GOALS: Final = (Section.HEALTH, Section.SOCIAL_CARE)


def readable(known: Known, *sections: Section) -> bool:
    """Whether the reader has leave in one of these sections: what the section says of itself is open to them."""
    return any(entry.section in sections for entry in known.of("section"))


def some(parts: Iterable[Part], most: int) -> Some:
    """The first of them."""
    listed = [*parts]
    return Some(listed[:most], max(0, len(listed) - most))


def _current(known: Known, *kinds: str) -> Iterator[Entry]:
    return (one for one in known.of(*kinds) if live(one) and one.body.get("status") not in _OVER)


def _goals(known: Known) -> Iterator[Part]:
    """The goals, those that matter most to the person first."""
    for one in sorted(_current(known, "goal"), key=lambda goal: -int(goal.body.get("importance", 0))):
        yield Part(clipped(title(one), _LINE), _attained(one.body), addresses.of_entry(known, one))


def _attained(body: Mapping[str, Any]) -> str:
    said = []
    if "score" in body:
        score = int(body["score"])
        said.append(f"{SCORES[score]} ({score:+d})" if score else f"{SCORES[0]} (0)")
    if "attainment" in body:
        said.append(str(body["attainment"]).replace("_", " "))
    return ", ".join(said) or "not scored yet"


def _week(known: Known, words: Wording) -> tuple[list[Row], list[Part]]:
    """Who comes on which day at which times; services without visits stand apart."""
    rows: dict[str, list[list[str]]] = {}
    apart = []
    for one in _current(known, "service"):
        who = _provider(one, words)
        visits = one.body.get("visits", ())
        if not visits:
            apart.append(Part(clipped(title(one), _LINE), who, addresses.of_entry(known, one)))
        for visit in visits:
            days = rows.setdefault(who, [[] for _ in DAYS])
            for day in visit.get("days", DAYS):
                days[DAYS.index(day)].append(str(visit["start"]))
    return [Row(who, [sorted(set(times)) for times in days]) for who, days in rows.items()], apart


def _provider(service: Entry, words: Wording) -> str:
    return words.party(service.body.get("provider")) or words.agency(service.agency)


def _medicines(known: Known, words: Wording) -> Iterator[Part]:
    """Who gives or prompts them: as each service says, both ways, and as the medicines themselves say."""
    for one in _current(known, "service"):
        if "gives_medicines" in one.body:
            said = "gives or prompts medicines" if one.body["gives_medicines"] else "does not give medicines"
            yield Part(_provider(one, words), said, addresses.of_entry(known, one))
    own = 0
    given: dict[str, int] = {}
    for one in _current(known, "medicine"):
        own += one.body.get("self_given") is True
        if who := words.party(one.body.get("given_by")):
            given[who] = given.get(who, 0) + 1
    at = addresses.of_section(known.person, Section.HEALTH)
    if own:
        yield Part("They themself", f"{own} {_medicine(own)} without help", at)
    for who, count in given.items():
        yield Part(who, f"{count} {_medicine(count)}", at)


def _medicine(count: int) -> str:
    return "medicine" if count == 1 else "medicines"


def _equipment(known: Known, words: Wording) -> Iterator[Part]:
    found = [one for one in known.of("equipment") if one.body.get("status") in _STEPS]
    for one in sorted(found, key=lambda item: _STEPS.index(str(item.body["status"]))):
        status = str(one.body["status"])
        when = words.date(one.body.get(status)) if status in one.body else ""
        said = sentence(status) + (f" {when}" if when else "") + ("" if status == "tested" else ", not tested yet")
        yield Part(clipped(title(one), _LINE), said, addresses.of_entry(known, one))


def _home(known: Known, words: Wording) -> Iterator[Part]:
    """Who lives there, and whether who cares for them was asked and is able."""
    for one in known.of("housing"):
        household = str(one.body.get("household", ""))
        if household:
            yield Part(clipped(household, _LINE), "", addresses.of_entry(known, one))
    able = _able(known)
    for one in known.of("contact"):
        lives, cares = one.body.get("lives_with"), "unpaid_carer" in one.body.get("roles", ())
        if not (lives or cares):
            continue
        said = [str(one.body.get("relationship", "")), "lives with them" if lives else ""]
        said += ["unpaid carer", able] if cares else []
        yield Part(title(one), ", ".join(filter(None, said)), addresses.of_entry(known, one))


def _able(known: Known) -> str:
    """What the newest answer to whether the carer is willing and able says; empty where nobody has asked."""
    asked = [one for one in known.of("readiness") if str(one.body.get("item")) == f"person.{CARER}"]
    if not asked:
        return ""
    status = str(max(asked, key=lambda one: one.at).body.get("status"))
    return _ABLE.get(status, "")


_ABLE: Final[Mapping[str, str]] = {
    "asked": "asked whether they are able, no answer yet",
    "confirmed": "willing and able",
    "blocked": "not able",
    "not_needed": "not relied on",
}
