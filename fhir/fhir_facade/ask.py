"""Ask <-> Task with the mark of an ask. Source: https://hl7.org/fhir/R4/task.html (status, businessStatus).

`status` says what every EHR reads; `businessStatus` tells seen from delivered and closed from acted. Where the two
do not go together the status counts: who accepts a task without knowing our words has acknowledged it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fhir_facade import systems
from fhir_facade.common import concept, own, own_list, party, ref, refs, words
from fhir_facade.communication import PRIORITY, outcome
from fhir_facade.face import Face
from fhir_facade.lens import At, Code, Each, Lens, Resource, Where, dig

STATE = f"{systems.OURS}/CodeSystem/ask-state"
_MARK = {"system": systems.ENTRY_KIND, "code": "ask"}
_STATUS: Mapping[str, str] = {
    "sent": "requested",
    "delivered": "received",
    "seen": "received",
    "acknowledged": "accepted",
    "acted": "completed",
    "closed": "completed",
}
_PLAIN: Mapping[str, str] = {
    "requested": "sent",
    "received": "delivered",
    "accepted": "acknowledged",
    "ready": "acknowledged",
    "in-progress": "acknowledged",
    "completed": "acted",
}
"""What a status says by itself."""


def _is_ask(resource: Resource) -> bool:
    codings = dig(resource, ("code", "coding"))
    listed = codings if isinstance(codings, list) else []
    return any(isinstance(one, dict) and _MARK.items() <= one.items() for one in listed)


@dataclass(frozen=True, slots=True)
class State:
    """How far it has come: our word where it goes with the status, otherwise the status."""

    def view(self, resource: Resource) -> Any:
        status, said = resource.get("status"), dig(resource, ("businessStatus", "coding", 0))
        word = said.get("code") if isinstance(said, dict) and said.get("system") == STATE else None
        if isinstance(word, str) and word in _STATUS and _STATUS[word] == status:
            return word
        return _PLAIN.get(status) if isinstance(status, str) else None

    def put(self, resource: Resource, value: Any) -> None:
        At("status").put(resource, None if value is None else _STATUS[value])
        At("businessStatus").put(resource, None if value is None else concept(STATE, value))


def told(resource: Resource) -> Resource:
    """The resource with our word for its state, whatever a client left there that does not go with its status."""
    state = State().view(resource)
    return resource if state is None else {**resource, "businessStatus": concept(STATE, state)}


def _part(name: str, value: str) -> Lens:
    return Where("extension", {"url": name}, words(value))


_STEP = (
    ("state", Code(_part("state", "valueCode"), {word: word for word in _STATUS})),
    ("at", _part("at", "valueDateTime")),
    ("by", _part("by", "valueString")),
    ("agency", _part("agency", "valueString")),
)
FACE = Face(
    kind="ask",
    type="Task",
    person="for",
    base={"resourceType": "Task", "intent": "order", "code": {"coding": [_MARK]}},
    mine=_is_ask,
    fields=(
        ("what", words("description")),
        ("state", State()),
        ("focus", ref("focus")),
        ("focus_version", own("ask-version", "valueInteger")),
        ("to", party("owner")),
        ("asked_by", party("requester")),
        ("urgency", Code(At("priority"), {word: code for word, code in PRIORITY.items() if word != "emergency"})),
        ("messages", refs("basedOn")),
        ("count", own("ask-count", "valueInteger")),
        ("started", words("authoredOn")),
        ("due", words("restriction", "period", "end")),
        ("answer", Where("extension", {"url": systems.own_extension("ask-answer")}, ref("valueReference"))),
        ("outcome", outcome()),
        ("steps", Each("extension", _STEP, {"url": systems.own_extension("ask-step")})),
        ("unreached", own_list("ask-unreached", words("valueString"))),
    ),
)
