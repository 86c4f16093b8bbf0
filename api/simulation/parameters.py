"""Every number that the simulation draws by, with where it comes from.

What nobody has measured says that it is assumed; it is chosen so that everything happens often enough to be seen.
"""

from dataclasses import dataclass
from typing import Final

_BMJ: Final = "Healthwatch England by freedom of information, BMJ 2015;351:h3974"
_HEALTHWATCH: Final = "Healthwatch England and British Red Cross, leaving hospital, 2020 and 2023"
_CARERS: Final = "Carers UK, hospital patients put at risk by lack of support for carers"
_ASSUMED: Final = "Assumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One number: what it says, and who says so."""

    name: str
    value: float
    meaning: str
    source: str


def _row(name: str, value: float, meaning: str, source: str = _ASSUMED) -> Parameter:
    return Parameter(name=name, value=value, meaning=meaning, source=source)


# A table is read across.
# fmt: off
ROWS: tuple[Parameter, ...] = (
    _row("flats", 40, "People of one estate", "Larch Court, coordination.md 1"),
    _row("lives_alone", 0.7, "Share that lives alone"),
    _row("carer", 0.5, "Share with an unpaid carer on whom the plan relies"),
    _row("equipment", 0.3, "Share that goes home to new equipment"),
    _row("long_term_condition", 0.8, "Share with a long-term condition"),
    _row("goals_most", 3, "Most goals of one person"),
    _row("admitted_per_day", 0.02, "Chance of an admission on a day at home"),
    _row("stay_days", 5, "Mean days from admission to the planned discharge"),
    _row("notice_hours", 48, "Hours from the notice to the discharge", "Scenario D1"),
    _row("short_notice", 0.15, "Share told two hours before", "Scenario D6; the share is assumed"),
    _row("moves", 0.2, "Share of discharges whose date moves once"),
    _row("cancelled", 0.05, "Share of stays that are cancelled after the notice"),
    _row("died", 0.03, "Share of stays that end by a death"),
    _row("answers_hours", 10, "Mean hours until an agency that answers confirms an item"),
    _row("silent_housing", 0.5, "No safe home on record: more than half of the trusts", _BMJ),
    _row("silent_hospital", 0.33, "Notes on new medicines not passed on: one trust in three", _BMJ),
    _row("silent_person", 0.1, "Relative or carer not told: one trust in ten", _BMJ),
    _row("silent_carer", 0.56, "Carers not involved in the decision", _CARERS),
    _row("silent_gp", 0.82, "Nobody visits or assesses after the discharge", _HEALTHWATCH),
    _row("silent_social_care", 0.2, "Package or first visit not confirmed"),
    _row("silent_equipment", 0.2, "Equipment not confirmed"),
    _row("silent_benefits", 0.3, "Awards not checked"),
    _row("blocked", 0.1, "Share of answers that say what is in the way"),
    _row("told_in_time", 0.49, "Share told whom to ring: 51 % were not", _HEALTHWATCH),
    _row("goes_unready", 0.6, "Share that is sent home although the gate is not ready"),
    _row("fails_unready", 0.4, "Chance that an unready discharge fails"),
    _row("fails_ready", 0.02, "Chance that a ready one fails"),
    _row("reasons_most", 3, "Most contributing reasons of one failure", "Scenario D9: several, never one"),
    _row("concern_per_day", 0.05, "Chance that a visit finds something to tell a clinician"),
    _row("urgent", 0.1, "Share of concerns that are urgent", "Scenario F1; the share is assumed"),
    _row("soon", 0.6, "Share of concerns that are soon", "Scenario F1; the share is assumed"),
    _row("routine", 0.3, "Share of concerns that are routine", "Scenario F1; the share is assumed"),
    _row("never_acknowledged", 0.15, "Share of concerns that nobody answers for"),
    _row("acknowledges_hours", 6, "Mean hours until a concern is acknowledged"),
    _row("answers_concern", 0.9, "Share of acknowledged concerns that are answered"),
    _row("understood", 0.7, "Share of answers that the sender marks as understood"),
    _row("signed_off", 0.5, "Share whose social-care plan a clinician signs"),
    _row("signs_days", 10, "Mean days until then"),
    _row("scored", 0.7, "Share of goals that are scored at the end"),
    _row("contradiction", 0.2, "Share with a contradiction between two agencies"),
    _row("resolved_days", 4, "Mean days until somebody resolves it"),
    _row("never_resolved", 0.3, "Share of contradictions that nobody resolves"),
    _row("referred", 0.2, "Share for whom another agency is asked to take something on"),
    _row("refused", 0.3, "Share of these that are refused, with a reason"),
    _row("referral_silent", 0.2, "Share of these that get no answer"),
)
# fmt: on

PARAMETERS: Final = {row.name: row.value for row in ROWS}
"""The numbers by name."""
