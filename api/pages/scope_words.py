"""What an app's scopes mean, in plain words: one table from scope words to sentences.

Specification: SMART App Launch 2.2, "Scopes and Launch Context" (v1 and v2 words, `?category=`, contexts). A word
without a sentence here is not offered, so it is never granted: nobody agrees to what they cannot read. Words of the
context `system` are for programs without a user, and have no place on a consent screen.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from auth.scopes import VERBS

CHOOSE_PERSON = "launch/patient"
_WORD = re.compile(r"(patient|user)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|(?=.)c?r?u?d?s?)(?:\?(.+))?")
_V1 = {"read": "rs", "write": "cud", "*": VERBS}
_SAID: Mapping[str, str] = {"c": "add", "r": "see", "u": "change", "d": "delete", "s": "search for"}
_ORDER = "rscud"
_WHOSE: Mapping[str, str] = {"patient": "of the person you choose", "user": "of everybody whose plan you may see"}

PLAIN: Mapping[str, str] = {
    "openid": "Know that it is you, by your sign-in",
    "profile": "Know your name",
    "fhirUser": "Know who you are in the plans: your role at your agency, or that you are the person",
    "offline_access": "Keep access when you are not there, until you or we take it away",
    "online_access": "Keep access as long as you are signed in",
    "launch/encounter": "Know which stay or visit you are working on",
}

TYPES: Mapping[str, str] = {
    "*": "everything in the plan",
    "AllergyIntolerance": "allergies",
    "Appointment": "appointments",
    "AuditEvent": "the record of who looked at the plan",
    "CarePlan": "the plan and its sections",
    "CareTeam": "who is on the team",
    "Communication": "messages",
    "Composition": "printed and shared forms of the plan",
    "Condition": "health conditions",
    "Consent": "what was agreed about sharing",
    "DetectedIssue": "contradictions and other findings",
    "Device": "equipment",
    "DocumentReference": "documents",
    "Encounter": "stays and visits",
    "EpisodeOfCare": "periods of care",
    "Flag": "warnings",
    "Goal": "goals",
    "HealthcareService": "services",
    "Immunization": "vaccinations",
    "Location": "places and addresses of services",
    "Medication": "medicines",
    "MedicationRequest": "prescriptions",
    "MedicationStatement": "medicines that are taken",
    "Observation": "measurements and observations",
    "Organization": "agencies",
    "Patient": "name, date of birth, address and NHS number",
    "Practitioner": "names of workers",
    "PractitionerRole": "who works where",
    "Procedure": "treatments",
    "Provenance": "who wrote what",
    "QuestionnaireResponse": "answers to question forms",
    "RelatedPerson": "family and carers",
    "RiskAssessment": "risks",
    "ServiceRequest": "services that were asked for",
    "Subscription": "notices to apps",
    "Task": "actions and who does them",
}
"""What each type holds, for who does not know FHIR."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One scope on the screen: its word, and its sentence."""

    word: str
    sentence: str


def offers(words: Iterable[str]) -> tuple[Offer, ...]:
    """The scopes that can be offered, in the order in which they were asked for, each once."""
    said = ((word, sentence(word)) for word in dict.fromkeys(words))
    return tuple(Offer(word, text) for word, text in said if text)


def sentence(word: str) -> str:
    """A scope in plain words; empty for one that has none."""
    if word in PLAIN:
        return PLAIN[word]
    found = _WORD.fullmatch(word)
    if found is None:
        return ""
    context, type_, verbs, narrowed = found.groups()
    narrowing = _narrowing(narrowed) if narrowed else ""
    if narrowing is None:
        return ""
    what = TYPES.get(type_, f"entries of the kind {type_}")
    return f"{_verbs(_V1.get(verbs, verbs))} {what}{narrowing} {_WHOSE[context]}"


def needs_person(words: Iterable[str]) -> bool:
    """Whether the app asks to work with one person, who has to be chosen."""
    return any(word == CHOOSE_PERSON or word.startswith("patient/") for word in words)


def _verbs(letters: str) -> str:
    said = [_SAID[letter] for letter in _ORDER if letter in letters]
    text = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return text[:1].upper() + text[1:]


def _narrowing(query: str) -> str | None:
    """The part of a type that a v2 word is narrowed to; None for a narrowing that has no words here."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not pairs or any(name != "category" or not value.isprintable() for name, value in pairs):
        return None
    kinds = (
        code.rpartition("|")[2].replace("-", " ").replace("_", " ") for _, value in pairs for code in value.split(",")
    )
    return f" (only of the category {', '.join(kinds)})"
