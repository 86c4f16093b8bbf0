"""C20: how the person must be spoken or written to, known to some of the team and hidden from others.

What one agency keeps in a restricted entry stays there: the finding goes to its holder, who asks the person and writes
the need where everybody reads it, with who the person is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.rules.phrases import coded, said, words
from plan.rules.readers import ROLES, reads
from plan.rules.rule import Given, Hit, Row, Severity

SNOMED = "http://snomed.info/sct"
CURRENT: Mapping[str, frozenset[str]] = {
    "instruction": frozenset({"active"}),
    "need": frozenset({"active", "recurrence", "relapse"}),
    "risk": frozenset({"final", "amended", "corrected"}),
    "flag": frozenset({"active"}),
}
LINES: Mapping[str, tuple[str, ...]] = {
    "instruction": ("text",),
    "need": ("need",),
    "risk": ("risk",),
    "observation": (),
    "about_me": ("communication",),
    "flag": ("flag",),
}
"""The lines of each kind that are read, beside its code."""


@dataclass(frozen=True, slots=True)
class Need:
    """One way in which somebody must be spoken or written to: its name, its SNOMED CT codes, its words."""

    name: str
    codes: tuple[str, ...]
    phrases: tuple[str, ...]


NEEDS: tuple[Need, ...] = (
    Need(
        "an interpreter",
        ("315594003",),
        ("interpreter", "interpreter needed", "needs an interpreter", "interpreting"),
    ),
    Need(
        "British Sign Language",
        ("204331000000107", "415803005", "520471000000105"),
        ("british sign language", "bsl"),
    ),
    Need(
        "large print",
        ("957331000000109", "957351000000102", "957371000000106"),
        ("large print", "large type", "large font", "20 point", "24 point", "28 point"),
    ),
    Need("braille", ("936661000000109", "936681000000100"), ("braille",)),
    Need("easy read", ("796161000000101",), ("easy read", "easyread", "easy-read")),
    Need("audio", ("936601000000105", "795731000000104", "795801000000104"), ("audio format", "audio cd", "on audio")),
    Need(
        "a lip speaker or to see lips",
        ("441092009", "445143008", "945911000000109"),
        ("lip read", "lip reads", "lip-reads", "lipreads", "lipspeaker", "lip speaker"),
    ),
    Need("a hearing loop", ("198061000000105",), ("hearing loop", "induction loop", "loop system")),
    Need("Makaton", ("415805003", "204341000000103", "936641000000108"), ("makaton",)),
    Need(
        "a deafblind manual interpreter",
        ("957051000000100", "981781000000107", "796201000000109"),
        ("deafblind manual", "deafblind interpreter"),
    ),
)
"""Source: NHS England DCB1605 (accessible information) and the Reasonable Adjustment Flag's value set RA-FlagCode."""


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every entry whose needs somebody on the team can read in no entry, nor in who the person is."""
    told = {need.name for need in NEEDS if _in_identity(need, known)}
    holders = {need.name: [entry for entry in known.entries.values() if _says(entry, need)] for need in NEEDS}
    for entry in sorted(known.entries.values(), key=lambda entry: (entry.created, entry.id)):
        hidden = [
            need.name
            for need in NEEDS
            if need.name not in told and entry in holders[need.name] and _hidden(known, holders[need.name])
        ]
        if hidden:
            yield _hit(entry, hidden)


def _in_identity(need: Need, known: Known) -> bool:
    spoken = known.identity.get("communication") or {}
    asked = need.name == "an interpreter" and spoken.get("interpreter_required") is True
    return asked or said(spoken.get("needs", ""), need.phrases)


def _says(entry: Entry, need: Need) -> bool:
    body = entry.body
    if entry.kind not in LINES or body.get("status", "") not in CURRENT.get(entry.kind, (body.get("status", ""),)):
        return False
    if entry.kind == "instruction" and body.get("topic") != "communication":
        return False
    if entry.kind == "observation":
        return _observed(body, need)
    return _concept(body.get("code"), need) or any(said(body.get(line, ""), need.phrases) for line in LINES[entry.kind])


def _observed(body: Mapping[str, Any], need: Need) -> bool:
    """An observation names the need in its code and answers yes, or names it in its answer."""
    value = body.get("value")
    answered = value is True or value is None or (isinstance(value, str) and value.lower() in ("yes", "needed"))
    return (answered and _concept(body.get("code"), need)) or (isinstance(value, dict) and _concept(value, need))


def _concept(concept: Any, need: Need) -> bool:
    return coded(concept, SNOMED, need.codes) or said(words(concept), need.phrases)


def _hidden(known: Known, holders: Iterable[Entry]) -> bool:
    """Whether some agency on the team can read the need nowhere."""
    team = [agency for agency in known.members() if agency.kind in ROLES]
    return any(not any(reads(known, agency, entry) for entry in holders) for agency in team)


def _hit(entry: Entry, hidden: list[str]) -> Hit:
    what = ", ".join(hidden)
    return Hit(
        sides=(entry,),
        says=(f"needs {what}",),
        detail=f"The person needs {what}, and not everybody on the team can read so.",
        proposal="Ask the person, and write it with who they are (communication needs), where the whole team reads it.",
    )


ROW = Row(
    id="c20-communication",
    title="A communication need that not all know",
    find=find,
    reads={
        "instruction": ("topic", "text", "code", "status"),
        "need": ("need", "code", "status"),
        "risk": ("risk", "code", "status"),
        "observation": ("code", "value"),
        "about_me": ("communication",),
        "flag": ("flag", "code", "status"),
    },
    severity=Severity.WARN,
    source="Coordination design C20; NHS England DCB1605 Accessible Information (record, flag, share the need)",
    owner="Care coordination lead",
    since=date(2026, 1, 1),
)
