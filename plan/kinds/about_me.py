"""About me: what the person wants everybody who supports them to know, in their own words.

Source: PRSB About Me v2.01. The person owns the text: whoever helped to write it is named, never hidden.
"""

from pydantic import model_validator

from plan.kinds.kind import Kind
from plan.kinds.types import DateOrMoment, Form, Party, Text
from plan.model import Section


class AboutMe(Form):
    """The seven parts of the standard, at least one of them; `date` is when they were last looked through."""

    most_important: Text | None = None
    people_important: Text | None = None
    communication: Text | None = None
    wellness: Text | None = None
    please_do_and_dont: Text | None = None
    how_and_when_to_support: Text | None = None
    also_worth_knowing: Text | None = None
    date: DateOrMoment | None = None
    supported_to_write_by: Party | None = None

    @model_validator(mode="after")
    def says_something(self) -> "AboutMe":
        """A date and a helper alone say nothing about the person."""
        if not any(getattr(self, part) for part in ABOUT_ME_PARTS):
            raise ValueError("says at least one of: " + ", ".join(ABOUT_ME_PARTS))
        return self


ABOUT_ME_PARTS = (
    "most_important",
    "people_important",
    "communication",
    "wellness",
    "please_do_and_dont",
    "how_and_when_to_support",
    "also_worth_knowing",
)

KIND = Kind(
    name="about_me",
    form=AboutMe,
    title=lambda body: "About me",
    sections=frozenset({Section.ABOUT_ME}),
    home=Section.ABOUT_ME,
)
