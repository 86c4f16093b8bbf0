"""C10: the plan supplies what the person is allergic to."""

import re
from collections.abc import Iterator
from datetime import date

from plan.known import Entry, Known
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.said import who
from plan.rules.spans import current
from plan.rules.substances import ALSO, CLASSES, OTHERS
from plan.rules.words import key

SUPPLY = frozenset({"do", "encourage", "give"})
GONE = frozenset({"returned", "cancelled", "entered_in_error", "on_hold"})
_WORD = re.compile(r"[a-z][a-z'-]*")
_WITHOUT = re.compile(
    r"(?:\b[a-z'-]+[ -]free\b)|(?:\bfree of [a-z'-]+)|(?:\bwithout [a-z'-]+)|(?:\bno [a-z'-]+)|(?:\bnon-[a-z'-]+)"
)


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Each allergy against each thing that the plan supplies."""
    supplied = [
        entry for entry in known.of("medicine", "prescription", "instruction", "equipment") if _on(entry, known)
    ]
    for allergy in known.of("allergy"):
        if _counts(allergy):
            yield from (_hit(allergy, entry, known) for entry in supplied if _same(allergy, entry))


def _counts(allergy: Entry) -> bool:
    return allergy.body.get("status") == "active" and allergy.body.get("certainty") != "refuted"


def _on(entry: Entry, known: Known) -> bool:
    """Whether the plan supplies it, now or later."""
    body = entry.body
    if entry.kind == "equipment":
        return body.get("status") not in GONE
    if entry.kind == "instruction":
        return current(entry, known) and body.get("action") in SUPPLY and "code" in body
    return current(entry, known) or body.get("status") == "intended"


def _same(allergy: Entry, entry: Entry) -> bool:
    code = key(allergy.body.get("code"))
    if code is not None and code == key(entry.body.get("code")):
        return True
    text = _WITHOUT.sub(" ", _supplied(entry))
    own, classes = _listed(allergy)
    return any(_named(name, text) for name in own) or any(_member(name, text, entry.kind) for name in classes)


def _member(name: str, text: str, kind: str) -> bool:
    """Whether what is supplied belongs to a class."""
    for other in OTHERS.get(name, ()):
        text = text.replace(other, " ")
    return any(_named(word, text) for word in CLASSES[kind].get(name, ()))


def _listed(allergy: Entry) -> tuple[frozenset[str], frozenset[str]]:
    """What somebody is allergic to: by its own names, and its classes."""
    code = allergy.body.get("code") or {}
    own = {_fold(text) for text in (allergy.body.get("substance"), code.get("text"), code.get("display")) if text}
    bare = {re.sub(r" (allergy|intolerance)$|^allergy to |\(substance\)|s$", "", name).strip() for name in own} | own
    plain = frozenset(name for name in bare if name and ALSO.get(name, name) not in OTHERS)
    return plain, frozenset(ALSO.get(name, name) for name in bare)


def _supplied(entry: Entry) -> str:
    body, code = entry.body, entry.body.get("code") or {}
    texts = (body.get("medicine"), body.get("item"), code.get("text"), code.get("display"))
    return " ; ".join(_fold(text) for text in texts if text)


def _named(name: str, text: str) -> bool:
    """Whether a name stands in a text as whole words."""
    wanted, found = _WORD.findall(name), _WORD.findall(text)
    return bool(wanted) and any(found[at : at + len(wanted)] == wanted for at in range(len(found)))


def _fold(text: object) -> str:
    return " ".join(str(text).lower().split())


def _hit(allergy: Entry, entry: Entry, known: Known) -> Hit:
    body = entry.body
    thing = body.get("medicine") or body.get("item") or (body.get("code") or {}).get("text") or body.get("text")
    substance = allergy.body["substance"]
    return Hit(
        sides=(allergy, entry),
        says=(f"allergic to {substance}", f"supplies {thing}"),
        detail=f"The person is listed as allergic to {substance}, and {who(entry, known)} supplies {thing}.",
        proposal="Stop it until a clinician has looked at both.",
    )


ROW = Row(
    id="c10-allergy",
    title="The plan supplies what is listed as an allergy",
    find=find,
    reads={
        "allergy": ("substance", "code", "status", "certainty"),
        "medicine": ("medicine", "code", "status", "period"),
        "prescription": ("medicine", "code", "status"),
        "instruction": ("action", "code", "status", "period"),
        "equipment": ("item", "code", "status"),
    },
    severity=Severity.CRITICAL,
    source="docs/coordination.md section 4, C10; classes and their sources in plan/rules/substances.py",
    owner="Clinical safety lead",
    since=date(2026, 1, 1),
)
