"""A person's own view of their plan, in plain words; for a carer the people who share theirs with them.

What stands behind it is the plan that everybody else reads; nothing here is written twice. Carers see what the person
opened to them, in the same words.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.pages import choosing
from api.pages.care.addresses import of_person
from api.pages.care.mine import consents_page, own_saying, own_view, own_words, sharing
from api.pages.care.mine.log import looks
from api.pages.care.navigation import OWN
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from plan.kinds import PERSON
from plan.known import Entry, Known
from plan.model import Role, Section

_LOOKS: Final = 3
_UNSHOWN: Final = ("person", "service")
"""Who the person does not ask about: themself, and what the service keeps in order."""


async def mine(reader: Reader) -> Response:
    """A person goes straight to their own view; a carer chooses; others go to where their work begins."""
    if reader.role is Role.PERSON and reader.account.person:
        return reader.go(f"{of_person(reader.account.person)}/mine")
    if reader.role is not Role.CARER:
        return reader.go("/care")
    people = await choosing.own(reader.turn, reader.account)
    return reader.page("care/mine.html", people=people)


async def view(reader: Reader) -> Response:
    """The view of one plan. Who works with plans has another page for it."""
    known = await reader.known()
    if reader.role not in OWN:
        return reader.go(of_person(reader.person))
    is_person = reader.role is Role.PERSON
    me = own_view.references(known, reader.account.subject, is_person=is_person)
    agencies, people = own_view.helpers(known)
    about = own_view.about_me(known)
    return reader.page(
        "care/own.html",
        known,
        mine=is_person,
        given=_given(known),
        about=_about(known, reader, about),
        about_entry=about,
        goals=own_view.goals(known),
        week=own_view.week(known),
        in_hospital=own_view.in_hospital(known),
        agencies=agencies,
        people=people,
        asked=own_view.asked(known, me, reader.account.agency),
        contingency=list(known.of("contingency")),
        looks=await _looks(reader) if is_person else [],
        allowed=_allowed(known) if is_person else [],
        sections=frozenset(entry.section for entry in known.of("section")),
        agreed=_agreed(known),
    )


def _given(known: Known) -> str:
    """What the person is called by those who know them."""
    names: Mapping[str, Any] = known.identity.get("name", {})
    return str((names.get("given") or [""])[0]) or PERSON.title(dict(known.identity))


def _about(known: Known, reader: Reader, entry: Entry | None) -> list[tuple[str, list[str]]]:
    """What matters, part by part, without the parts that nobody has written."""
    if entry is None:
        return []
    words = reader.wording(known)
    parts = ((said, words.lines(entry.body.get(name))) for name, said in own_view.PARTS.items())
    return [(said, lines) for said, lines in parts if lines]


async def _looks(reader: Reader) -> list[Any]:
    """The latest three looks of other people; the rest is one step away."""
    log = await reader.ask("GET", f"/v1/people/{reader.person}/access-log", query={"limit": "100"})
    others = [one for one in log.body["items"] if one["codes"].get("role") not in _UNSHOWN]
    return looks(others, mine=True)[:_LOOKS]


def _allowed(known: Known) -> list[str]:
    """What counts now, in sentences."""
    standing = (one for one in sharing.decisions(known) if one.holds(known.now) and one.entry)
    return [
        sharing.sentence(sharing.whom(known, one.entry), sharing.labels(one.sections), permits=one.permits)
        for one in standing
        if one.entry
    ]


def _agreed(known: Known) -> Entry | None:
    """The latest word of the person on the help that they get."""
    said = (one for one in known.of("review") if one.body.get("outcome") in ("agreed", "disagreed"))
    return max((one for one in said if one.section is Section.SOCIAL_CARE), key=lambda one: one.created, default=None)


WAYS = (
    Way("/mine", mine),
    Way("/people/{person}/mine", view),
    *own_words.WAYS,
    *own_saying.WAYS,
    *consents_page.WAYS,
)
