"""The signs that a visitor reports most often, each with its code: the same sign said again is then one concern.

Codes: SNOMED CT findings as published value sets of patient-reported symptoms name them (HL7 Belgium, heart-failure
symptoms; HL7 personal health record, symptoms). What is not in the table is said in words, and compared with nothing.
"""

from typing import Final, NamedTuple

SNOMED: Final = "http://snomed.info/sct"


class Sign(NamedTuple):
    """One sign: its SNOMED CT code, and how people say it."""

    code: str
    text: str


SIGNS: Final = (
    Sign("267036007", "Short of breath"),
    Sign("267038008", "Swollen ankles or legs"),
    Sign("286933003", "Confused, more than before"),
    Sign("271782001", "Drowsy, hard to wake"),
    Sign("404640003", "Dizzy"),
    Sign("1912002", "Has fallen"),
    Sign("22253000", "In pain"),
    Sign("386661006", "Fever"),
    Sign("49727002", "Cough"),
    Sign("64379006", "Eats or drinks less"),
    Sign("161832001", "Loses weight"),
    Sign("62315008", "Diarrhoea"),
    Sign("14760008", "Constipated"),
    Sign("84229001", "More tired than before"),
    Sign("26677001", "Sleeps badly"),
    Sign("422650009", "Lonely, sees nobody"),
)


def concern(code: str) -> dict[str, str] | None:
    """The sign of a code as an entry holds it; None for a code that is not in the table."""
    found = next((one for one in SIGNS if one.code == code), None)
    return {"text": found.text, "system": SNOMED, "code": found.code} if found else None
