"""The plan page: whose plan, what needs the reader now, what changed since they looked last; then the plan at a glance.

Source: issue 6, part 2; users.md section 3, in its fixed order. It is read in one piece, from what this reader sees.
"""

from typing import Final

from starlette.responses import Response

from api.pages.care.forms import Form
from api.pages.care.plan_page import plan_changes
from api.pages.care.plan_page.plan_changes import block
from api.pages.care.plan_page.plan_glance import glance, readable
from api.pages.care.plan_page.plan_needs import lists_people, needs
from api.pages.care.plan_page.plan_sharing import sharing, signed
from api.pages.care.plan_page.plan_wrong import wrong
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS
from plan.known import Known
from plan.model import PLAN_SECTIONS, Role

MORE: Final = (
    ("Timeline", "timeline"),
    ("The week", "week"),
    ("Team", "team"),
    ("Documents", "documents"),
    ("Messages", "messages"),
    ("Referrals", "referrals"),
    ("Contradictions", "findings"),
    ("Outcomes", "outcomes"),
    ("Print", "print"),
    ("Calendar", "calendar"),
)
"""Where else of this person one can go from here, by the last word of the address."""


async def show(reader: Reader) -> Response:
    """The plan of a person, as this reader may see it."""
    known = await reader.known()
    words = reader.wording(known)
    changes = await block(reader, known, words)
    return reader.page(
        "care/plan.html",
        known,
        form=Form(values={"seen": changes.seen}),
        needs=await needs(reader, known, words),
        has_list=lists_people(reader.role),
        changes=changes,
        glance=glance(known, words),
        wrong=wrong(known, words),
        sharing=sharing(known, words),
        signed=signed(known, words),
        is_person=reader.role is Role.PERSON,
        sections=_sections(known),
        more=MORE,
    )


def _sections(known: Known) -> list[tuple[str, str]]:
    """The sections that the reader sees: name and title."""
    return [(section.value, SECTIONS[section.value]) for section in PLAN_SECTIONS if readable(known, section)]


WAYS = (
    Way("/people/{person}", show),
    Way("/people/{person}/changes", plan_changes.show),
    Way("/people/{person}/read", None, plan_changes.read),
)
