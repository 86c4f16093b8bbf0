"""What a section says of itself: its title, its summary and whether there is anything to say.

Source: PRSB Personalised Care and Support Plan v2.0, "Planned review date/interval", "Date last updated".
"""

from typing import Literal

from plan.kinds.kind import Kind
from plan.kinds.types import Date, Form, Line, Text


class SectionForm(Form):
    """The section's own words. `nothing_to_say` tells "not known" from "declined"; its entries stand beside it."""

    title: Line
    summary: Text | None = None
    note: Text | None = None
    review_date: Date | None = None
    nothing_to_say: Literal["not_applicable", "not_known", "declined"] | None = None


KIND = Kind(name="section", form=SectionForm, title=lambda body: str(body.get("title", "Section")))
