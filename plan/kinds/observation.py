"""Observation: one thing that was seen, measured or said: a weight, a fall, a preference.

Source: FHIR R4 Observation; PRSB Core Information Standard v2, "Examination findings" and "Outcome measures".
"""

from typing import Annotated

from pydantic import field_validator

from plan.kinds.kind import Kind
from plan.kinds.refs import LeadsTo
from plan.kinds.types import SOMEONE, Coding, DateOrMoment, Form, Party, Quantity, Text

Value = Quantity | Coding | Text | bool


class Observation(Form):
    """One observation. `code` says what was observed, `value` what was found: amount, concept, text or yes and no."""

    code: Coding
    value: Value | None = None
    date: DateOrMoment | None = None
    performer: Annotated[Party, LeadsTo("CareTeam", "Organization", *SOMEONE)] | None = None
    interpretation: Coding | None = None
    note: Text | None = None

    @field_validator("code")
    @classmethod
    def says_what_it_is(cls, value: Coding) -> Coding:
        """An observation of nothing in particular tells nobody anything."""
        if not (value.text or value.code or value.display):
            raise ValueError("has a text or a code")
        return value


def _title(body: dict[str, object]) -> str:
    code = body.get("code")
    said = code if isinstance(code, dict) else {}
    return str(said.get("text") or said.get("display") or said.get("code") or "Observation")


KIND = Kind(name="observation", form=Observation, title=_title)
