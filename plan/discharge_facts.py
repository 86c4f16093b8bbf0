"""What a plan says that decides about a discharge: the stay as it stands, and the facts that items depend on.

The facts are named in the rows of plan.discharge_table; each is a question to what is known of the person.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from plan.dates import DATE_ONLY
from plan.discharge_table import span
from plan.known import Agency, Entry, Known, moment
from plan.model import AgencyId

_OPEN = frozenset({"planned", "arrived", "in_hospital", "on_leave"})
_DIED, _SELF_DISCHARGE = frozenset({"4"}), frozenset({"2", "6", "7"})
"""NHS Data Dictionary, DISCHARGE METHOD (HOSPITAL PROVIDER SPELL): died; by the person or somebody of theirs (2 was
split into 6 and 7)."""
_DEATH = re.compile(r"\b(?:died|death|deceased)\b", re.IGNORECASE)
_AGAINST = re.compile(
    r"\bself[ -]?discharge|\bagainst (?:medical )?advice\b|\bdischarged? (?:him|her|them)sel", re.IGNORECASE
)
_ALONE = re.compile(r"\blives? alone\b", re.IGNORECASE)
_READMISSION = re.compile(r"\breadmi(?:ssion|tted)\b", re.IGNORECASE)
_LIVES_ALONE = frozenset({"105529008", "160725005", "160726006"})
"""SNOMED CT: lives alone; lives alone, help available; lives alone, no help available."""
_AT_HAND = frozenset({"requested", "ordered", "delivered", "installed", "tested", "on_hold"})
_UNLIKELY = frozenset({"negligible", "low"})
_ENDED = frozenset({"completed", "cancelled", "entered_in_error", "inactive", "resolved", "refuted"})


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as the rules see it. Moments: milliseconds since 1970 UTC; None for what nobody has said.

    `planned_text`: the planned discharge as it is written, which is what an answer is given for.
    `closed`: why nothing is asked any more, a word of plan.discharge_table.CLOSED_REASONS; empty while it is open.
    """

    entry: Entry
    hospital: AgencyId
    ward: str
    planned: int | None
    planned_text: str
    notice: int
    left: int | None
    closed: str

    @property
    def reference(self) -> str:
        """How others refer to it."""
        return self.entry.reference

    @property
    def asked(self) -> bool:
        """Whether a discharge is being planned, and its readiness asked for."""
        return self.planned is not None and not self.closed


def open_to_all(known: Known, *kinds: str) -> Iterator[Entry]:
    """The entries of some kinds that the whole team may know of: what is asked of everybody follows from these alone,
    for it would tell of the others (access.md: what is hidden leaves no mark).
    """
    yield from (entry for entry in known.of(*kinds) if entry.restriction is None)


def stays(known: Known) -> list[Stay]:
    """The stays of a person that the whole team may know of, the oldest first."""
    return [stay(known, entry) for entry in open_to_all(known, "stay")]


def stay(known: Known, entry: Entry) -> Stay:
    """One stay as the rules see it."""
    body = entry.body
    planned = body.get("planned_discharge")
    ward = body.get("ward")
    notice = moment(body.get("notice"))
    return Stay(
        entry=entry,
        hospital=agency_of(body.get("hospital")) or entry.agency,
        ward=ward if isinstance(ward, str) else "",
        planned=moment(planned),
        planned_text=planned if isinstance(planned, str) else "",
        notice=entry.created if notice is None else notice,
        left=moment(body.get("discharged")),
        closed=_closed(known, entry),
    )


def agency_of(party: object) -> AgencyId | None:
    """The agency that a Party, or a reference, names by `Organization/id`."""
    text = party.get("reference") if isinstance(party, Mapping) else party
    type_, _, id_ = str(text or "").partition("/")
    return AgencyId(id_) if type_ == "Organization" and id_ else None


def agency(known: Known, id_: AgencyId) -> Agency:
    """What the directory says of an agency; of one that is not on the team its name, where that is known."""
    return known.agencies.get(id_) or Agency(id=id_, name=known.names.get(id_, ""))


def died(known: Known) -> bool:
    """Whether the person has died: nothing is sent to them or theirs from then on."""
    return bool(known.identity.get("died")) or any(_how(entry) == "died" for entry in known.of("stay"))


def _closed(known: Known, entry: Entry) -> str:
    """A stay that is over stays as it ended, whatever happens to the person afterwards."""
    status, how = entry.body.get("status"), _how(entry)
    if how or status == "cancelled":
        return how or "cancelled"
    if status not in _OPEN or entry.body.get("discharged"):
        return "discharged"
    return "died" if known.identity.get("died") else ""


def _how(entry: Entry) -> str:
    """How somebody left, where that ends what was asked: a word of CLOSED_REASONS, or nothing."""
    method, where = entry.body.get("discharge_method"), entry.body.get("destination")
    if not entry.body.get("discharged") and entry.body.get("status") in _OPEN:
        return ""
    if _coded(method, _DIED) or _coded(where, frozenset({"exp"})) or _says(method, _DEATH):
        return "died"
    gone = _coded(method, _SELF_DISCHARGE) or _coded(where, frozenset({"aadvice"})) or _says(method, _AGAINST)
    return "self_discharge" if gone else ""


# what items depend on


def lives_alone(known: Known, _: Stay) -> bool:
    """Nobody lives with them, and somebody has said that they live alone."""
    return says_alone(known)


def says_alone(known: Known) -> bool:
    """The same, whether or not they are in hospital."""
    if any(entry.body.get("lives_with") is True for entry in open_to_all(known, "contact")):
        return False
    if any(_says(entry.body.get("household"), _ALONE) for entry in open_to_all(known, "housing")):
        return True
    said = [entry for entry in open_to_all(known, "need", "observation") if entry.body.get("status") not in _ENDED]
    return any(_coded(e.body.get("code"), _LIVES_ALONE) or _says(e.body.get("need"), _ALONE) for e in said)


def relies_on_a_carer(known: Known, _: Stay) -> bool:
    """An unpaid carer is among the contacts."""
    return bool(carers(known))


def carers(known: Known) -> list[Entry]:
    """The unpaid carers, the first of whom the plan relies on."""
    return [one for one in open_to_all(known, "contact") if "unpaid_carer" in (one.body.get("roles") or ())]


def equipment_listed(known: Known, _: Stay) -> bool:
    """The plan lists equipment that is wanted or there."""
    return any(True for _ in equipment(known))


def equipment(known: Known) -> list[Entry]:
    """The equipment that is wanted or there."""
    return [entry for entry in open_to_all(known, "equipment") if entry.body.get("status") in _AT_HAND]


def at_risk_of_readmission(known: Known, _: Stay) -> bool:
    """A risk or a need that names readmission, and is neither unlikely nor over."""
    for entry in open_to_all(known, "risk", "need"):
        body = entry.body
        named = _says(body.get("risk") or body.get("need"), _READMISSION) or _says(body.get("code"), _READMISSION)
        if named and body.get("status") not in _ENDED and body.get("likelihood") not in _UNLIKELY:
            return True
    return False


def alone_at_night(known: Known, stay: Stay) -> bool:
    """They would arrive at night, and live alone."""
    return at_night(known, stay) and lives_alone(known, stay)


def at_night(known: Known, stay: Stay) -> bool:
    """The arrival falls outside the day. A date without a time says nothing of it."""
    when = arrival(known, stay)
    if when is None or (when == stay.planned and len(stay.planned_text) <= DATE_ONLY):
        return False
    local = datetime.fromtimestamp(when / 1000, known.zone)
    minute, now = local.hour * 60 + local.minute, known.now
    return not span("day_begins", now) <= minute * 60_000 <= span("day_ends", now)


def arrival(known: Known, stay: Stay) -> int | None:
    """When they are to be at home: as the transport was arranged for this discharge, else when they are to leave."""
    for entry in known.of("readiness"):
        body = entry.body
        if body.get("item") != "hospital.transport" or body.get("stay") != stay.reference:
            continue
        answer = body.get("answered") or {}
        if body.get("status") == "confirmed" and moment(answer.get("given_for")) == stay.planned and "starts" in body:
            return moment(body["starts"])
    return stay.planned


FACTS: Mapping[str, Callable[[Known, Stay], bool]] = {
    "lives_alone": lives_alone,
    "relies_on_a_carer": relies_on_a_carer,
    "equipment_listed": equipment_listed,
    "at_risk_of_readmission": at_risk_of_readmission,
    "alone_at_night": alone_at_night,
}
"""By the name that a row calls it."""


def _coded(value: object, codes: frozenset[str]) -> bool:
    return isinstance(value, Mapping) and value.get("code") in codes


def _says(value: object, words: re.Pattern[str]) -> bool:
    if isinstance(value, Mapping):
        return any(_says(value.get(name), words) for name in ("text", "display"))
    return isinstance(value, str) and words.search(value) is not None
