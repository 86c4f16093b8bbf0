"""C16: something in the plan still goes to an agency that the person has shut out.

A consent that denies closes the section to the agency at once, in every query. What it leaves behind is an entry whose
restriction still names the agency, a task it is still to do, a message that still waits to be sent to it.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from plan.known import HOUSE, Entry, Known
from plan.model import PLAN_SECTIONS
from plan.rules.readers import ROLES, reads
from plan.rules.rule import ANY, RESTRICTED, Ask, Given, Hit, Row, Severity
from plan.rules.spans import ahead, between

TO_DO = frozenset({"planned", "accepted", "doing", "paused"})
TO_SEND = frozenset({"draft", "sending", "on_hold"})
AGENCY = "Organization/"


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every entry that still names an agency shut out of its section, and every section that is open to it still."""
    for consent in known.of("consent"):
        for agency in _withdrawn(consent, known):
            inside = [entry for entry in known.entries.values() if _closed(consent, entry, agency, known)]
            for entry in inside:
                how = _shared(entry, agency)
                if how:
                    yield _hit(consent, entry, agency, known, how)
            yield from _open(consent, inside, agency, known)


def _closed(consent: Entry, entry: Entry, agency: str, known: Known) -> bool:
    """Whether an entry of somebody else stands in a section that a consent closes to an agency."""
    named = entry.section.value in _sections(consent) and not _permitted(known, consent, agency, entry)
    return named and entry.kind not in ("consent", "finding") and entry.agency not in (HOUSE, agency)


def _open(consent: Entry, inside: list[Entry], agency: str, known: Known) -> Iterator[Hit]:
    """Sections that an agency of the team reads by its role, though the person has withdrawn their agreement."""
    there = next((one for one in known.members() if one.id == agency and one.kind in ROLES), None)
    read = there and {
        entry.section.value for entry in inside if entry.restriction is None and reads(known, there, entry)
    }
    if read:
        sections = ", ".join(sorted(read)).replace("_", " ")
        name = known.called(agency)
        yield Hit(
            sides=(consent,),
            says=(f"{name} is not to see {sections}",),
            detail=f"The person has withdrawn their consent, and {name} still reads {sections} by its role.",
            proposal=f"Stop sharing: record that the person refuses {name} {sections}, which closes it, and let "
            "the information-governance lead look at it.",
            mark=agency,
        )


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When a consent begins or ends to hold."""
    for consent in known.of("consent"):
        span = between(consent.body.get("start"), consent.body.get("end"), known.zone)
        yield from ahead(known, span.low, span.high + 1)


def _withdrawn(consent: Entry, known: Known) -> Iterator[str]:
    """The agencies that a consent keeps out now: it denies, or it was a permit and has been withdrawn."""
    body = consent.body
    span = between(body.get("start"), body.get("end"), known.zone)
    decision, status = body.get("decision"), body.get("status")
    denies = decision == "deny" and status == "active" and span.low <= known.now <= span.high
    if denies or (decision == "permit" and status == "withdrawn"):
        yield from (str(party["agency"]) for party in body.get("to", ()) if "agency" in party)


def _sections(consent: Entry) -> Iterable[str]:
    """Which sections it is about; one that denies and names none closes them all (api.follow)."""
    return consent.body.get("sections") or (PLAN_SECTIONS if consent.body.get("decision") == "deny" else ())


def _permitted(known: Known, consent: Entry, agency: str, entry: Entry) -> bool:
    """Whether another consent lets the agency in again. It does not against one that denies."""
    return consent.body.get("decision") == "permit" and any(
        rule.decision == "permit"
        and rule.party == f"agency:{agency}"
        and rule.section == entry.section
        and rule.since <= known.now
        and (rule.until is None or rule.until > known.now)
        for rule in known.rules
    )


def _shared(entry: Entry, agency: str) -> str:
    """How an entry still goes to an agency whose own it is not; empty where it does not."""
    body = entry.body
    if entry.restriction is not None and agency in entry.restriction:
        return "its restriction still names the agency"
    if entry.kind == "action" and body.get("status") in TO_DO and _to(body.get("who"), agency):
        return "the agency still has the task"
    if (
        entry.kind == "message"
        and body.get("status") in TO_SEND
        and any(_to(one, agency) for one in body.get("to", ()))
    ):
        return "the message still waits to be sent to the agency"
    return ""


def _to(party: object, agency: str) -> bool:
    return isinstance(party, dict) and party.get("reference") == f"{AGENCY}{agency}"


def _hit(consent: Entry, entry: Entry, agency: str, known: Known, how: str) -> Hit:
    name = known.called(agency)
    section = entry.section.value.replace("_", " ")
    return Hit(
        sides=(consent, entry),
        says=(f"{name} is not to see the section {section}", how),
        detail=f"The person no longer shares the section {section} with {name}, but {how}.",
        proposal=f"Stop sharing: take {name} out of the entry, and let the information-governance lead look at it.",
        mark=agency,
    )


ROW = Row(
    id="c16-consent",
    title="Still shared after consent was withdrawn",
    find=find,
    reads={
        "consent": ("decision", "status", "to", "sections", "start", "end"),
        "action": ("status", "who", RESTRICTED),
        "message": ("status", "to", RESTRICTED),
        ANY: (RESTRICTED,),
    },
    severity=Severity.HIGH,
    source="Coordination design C16; UK GDPR article 7(3) (consent can be withdrawn); Caldicott principles 3 and 4",
    owner="Information governance lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    asks=(
        Ask(
            to="discharge_hub",
            what="An entry may still be shared with an agency whose consent was withdrawn. Information governance: see "
            "that its author stops sharing it.",
            unseen=True,
        ),
    ),
)
