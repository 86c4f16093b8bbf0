"""Sign-off of several sections of a plan in one request: all of them are signed, or none (api/signing.py)."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from starlette.requests import Request
from starlette.responses import Response

from api import door, forms
from api.rest import asked, said
from api.signing import Signing, SignOff
from plan.kinds.consent import PlanSection
from plan.kinds.refs import LeadsTo, at
from plan.kinds.review import Outcome
from plan.kinds.types import ASKING, Date, DateOrMoment, Form, Party, Text
from plan.model import PLAN_SECTIONS, Section


class SectionRead(Form):
    """A section, in the version of it that was read."""

    section: PlanSection
    version: Annotated[int, Field(ge=1, lt=forms.MOST_VERSIONS)]


class SigningOff(Form):
    """Sections that are signed together, each once, and what is said of all of them, as of a review.

    `seen`: when they were read. `next_review`: the latest day.
    """

    sections: Annotated[list[SectionRead], Field(min_length=1, max_length=len(PLAN_SECTIONS))]
    outcome: Outcome | None = None
    comment: Text | None = None
    next_review: Date | None = None
    seen: DateOrMoment | None = None
    signed_by: Annotated[Party, LeadsTo(*ASKING)] | None = None

    @model_validator(mode="after")
    def each_once(self) -> Self:
        """No section can be signed in two versions at once, nor twice in one."""
        named: set[str] = set()
        for number, one in enumerate(self.sections):
            if one.section in named:
                raise at("sections", "stands before in this list: name each section once", number, "section")
            named.add(one.section)
        return self


async def sign(request: Request) -> Response:
    """Sign all of them, or none; the reviews come back in the order of the sections."""
    visit, person = await asked.visit_of(request), asked.person_of(request)
    asked.terms(request)
    raw, body = await asked.body_of(request)
    fields = forms.checked(SigningOff, body, "sign-off")
    wanted = SignOff(
        person=person,
        sections=[(Section(one["section"]), int(one["version"])) for one in fields["sections"]],
        review={name: value for name, value in fields.items() if name != "sections"},
        reason=door.reason_of(request),
    )
    done = await Signing.of(asked.desk_of(request)).sign(visit, wanted, door.key_of(request, raw))
    headers = {"Location": f"/v1/people/{person}/reviews"}
    if done.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(said.items(one.body for one in done.reviews), said.CREATED, headers, asked.JSON)
