"""How what is known is said to people: fields with their labels, values in words, dates as people write them.

Codes are shown by what people call them, references by the title of what they lead to, and never as they are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from plan.attention import title
from plan.diff import differences
from plan.known import HOUSE, Entry, Known, moment
from plan.model import Json, PersonId

ROLES: Final[Mapping[str, str]] = {
    "person": "The person",
    "carer": "Carer",
    "clinician": "Clinician",
    "social_worker": "Social worker",
    "housing_officer": "Housing officer",
    "benefits_adviser": "Benefits adviser",
    "care_provider": "Care provider",
    "coordinator": "Coordinator",
    "service": "Oneplan",
}
OWN_ROLES: Final[Mapping[str, str]] = {
    **ROLES,
    "clinician": "Doctor, nurse or therapist",
    "care_provider": "Care worker",
}
"""The same for the person and their carers, who know nobody as a clinician."""
SECTIONS: Final[Mapping[str, str]] = {
    "about_me": "About me",
    "health": "Health",
    "social_care": "Social care",
    "housing": "Housing",
    "benefits": "Benefits",
    "contingency": "If things go wrong",
    "transitions": "Hospital stays and moves",
    "legal": "Legal",
    "safeguarding": "Safeguarding",
    "frame": "Who they are and the team",
}
LABELS: Final[Mapping[str, str]] = {
    "who": "Who does it",
    "what": "What",
    "own_words": "In their own words",
    "most_important": "What matters most to me",
    "people_important": "People who are important to me",
    "communication": "How to communicate with me",
    "please_do_and_dont": "Please do, and please do not",
    "how_and_when_to_support": "How and when to support me",
    "also_worth_knowing": "Also worth knowing about me",
    "gives_medicines": "Gives or prompts medicines",
    "uprn": "UPRN",
    "parent_uprn": "UPRN of the building",
    "url": "Address",
    "nhs_number": "NHS number",
    "gp_practice": "GP practice",
    "score": "Attainment score (-2 to +2)",
    "trigger_factors": "What sets it off",
    "what_should_happen": "What should happen",
    "who_should_be_contacted": "Who to contact",
}
"""Labels that do not follow from a field's name."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_WHOLE_DATE, _MONTH = len("2026-03-31"), len("2026-03")


def label(name: str) -> str:
    """The label of a field."""
    return LABELS.get(name) or sentence(name)


def sentence(word: str) -> str:
    """A word of a table as people write it: `no_change` is `No change`."""
    said = word.replace("_", " ").strip()
    return f"{said[:1].upper()}{said[1:]}"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field that differs: its label, and what it was and is, in lines; empty for nothing."""

    label: str
    was: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """Says what is known of one person. `own`: to themself or to a carer."""

    known: Known
    own: bool = False

    # times

    def when(self, at: int | None) -> str:
        """A moment, milliseconds since 1970 UTC, in the person's own time: 27 March 2026, 14:05."""
        if at is None:
            return ""
        local = self._local(at)
        return f"{local.day} {local:%B %Y}, {local:%H:%M}"

    def day(self, at: int | None) -> str:
        """The day of a moment: 27 March 2026."""
        return "" if at is None else f"{self._local(at).day} {self._local(at):%B %Y}"

    def date(self, said: object) -> str:
        """A date or a moment as it is stored, as precise as it is: March 2026, 27 March 2026, 27 March 2026, 14:05."""
        text = str(said or "")
        at = moment(text)
        if at is None:
            return text
        if len(text) > _WHOLE_DATE:
            return self.when(at)
        # A date without a time is the same day everywhere.
        plain = datetime.fromisoformat(f"{text}-01-01"[:_WHOLE_DATE])
        if len(text) == _WHOLE_DATE:
            return f"{plain.day} {plain:%B %Y}"
        return f"{plain:%B %Y}" if len(text) == _MONTH else text

    def time(self, at: int) -> str:
        """The time of the day of a moment: 14:05."""
        return f"{self._local(at):%H:%M}"

    def ago(self, at: int) -> str:
        """How long ago, or in how long, roughly: 3 days ago, in 4 hours."""
        span = abs(self.known.now - at)
        unit, size = next(
            ((name, size) for name, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)) if span >= size),
            ("minute", MINUTE),
        )
        count = span // size
        if not count:
            return "now"
        said = f"{count} {unit}{'' if count == 1 else 's'}"
        return f"{said} ago" if at <= self.known.now else f"in {said}"

    def _local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, self.known.zone)

    # who

    def agency(self, id_: str) -> str:
        """An agency by its name, where the directory is known; else by its id."""
        return self.known.called(id_)

    def role(self, word: str) -> str:
        """A role."""
        return (OWN_ROLES if self.own else ROLES).get(word) or sentence(word)

    def by(self, entry: Entry) -> str:
        """Who wrote this version of an entry: role and agency. A person stands for themself."""
        agency = HOUSE if entry.agency == HOUSE and not entry.by_role else entry.by_agency
        return self.by_whom(entry.by_role, agency)

    def by_whom(self, role: str, agency: str) -> str:
        """Role and agency. A person stands for themself, as a carer does."""
        if agency == HOUSE:
            return "Oneplan"
        if role in ("person", "carer"):
            return self.role(role)
        return ", ".join(filter(None, (self.role(role), self.agency(agency))))

    def party(self, party: object) -> str:
        """Somebody who is named."""
        if not isinstance(party, dict):
            return str(party or "")
        name, reference = str(party.get("name", "")), str(party.get("reference", ""))
        said = name or self.reference(reference)
        more = [str(party[part]) for part in ("role", "contact") if part in party]
        return ", ".join(filter(None, (said, *more)))

    def reference(self, reference: str) -> str:
        """What a reference leads to, by its title."""
        type_, _, id_ = reference.partition("/")
        if type_ == "Organization":
            return self.agency(id_)
        if type_ == "Patient":
            return "The person"
        found = self.known.at(reference)
        return title(found) if found else "something that you may not see"

    # fields

    def rows(self, entry: Entry) -> list[tuple[str, list[str]]]:
        """The fields of an entry: labels, and values in lines."""
        return [(label(name), self.lines(value)) for name, value in entry.body.items()]

    def lines(self, value: object) -> list[str]:
        """A value in words: one line, or one for each of a list."""
        if value is None:
            return []
        if isinstance(value, list):
            return [line for one in value for line in self.lines(one)]
        return [said] if (said := self._said(value)) else []

    def changed(self, was: Mapping[str, Json], now: Mapping[str, Json]) -> list[Changed]:
        """What differs between two versions of a body, by its fields."""
        fields = dict.fromkeys(str(one.where[0]) for one in differences(dict(was), dict(now)))
        return [
            Changed(label(name), tuple(self.lines(was.get(name))), tuple(self.lines(now.get(name)))) for name in fields
        ]

    def _said(self, value: Any) -> str:
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, dict):
            return self._object(value)
        if not isinstance(value, str):
            return str(value)
        if moment(value) is not None and "-" in value:
            return self.date(value)
        if _is_reference(value):
            return self.reference(value)
        return sentence(value) if _is_word(value) else value

    def _object(self, value: Mapping[str, Any]) -> str:
        keys = set(value)
        if keys <= {"text", "system", "code", "display"}:
            return str(value.get("text") or value.get("display") or value.get("code", ""))
        if keys <= {"value", "unit"}:
            return " ".join(str(value[part]) for part in ("value", "unit") if part in value)
        if keys <= {"start", "end"}:
            return " ".join(
                f"{word} {self.date(value[part])}"
                for part, word in (("start", "from"), ("end", "until"))
                if part in value
            )
        if keys <= {"low", "high"}:
            return " to ".join(self._said(value[part]) for part in ("low", "high") if part in value)
        if keys <= {"reference", "name", "role", "contact"}:
            return self.party(value)
        return "; ".join(f"{label(name)}: {', '.join(self.lines(held))}" for name, held in value.items())


def plain(now: int) -> Wording:
    """Dates in words, on pages that are of nobody's plan."""
    return Wording(Known(person=PersonId(""), now=now, entries={}))


def _is_reference(text: str) -> bool:
    type_, slash, id_ = text.partition("/")
    return bool(slash) and type_[:1].isupper() and type_.isalpha() and bool(id_) and " " not in text


def _is_word(text: str) -> bool:
    """Whether a text is a word of a table, as `not_needed` is, and no name."""
    return text.islower() and text.replace("_", "").isalpha() and text.isascii()
