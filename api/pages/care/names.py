"""What entries and kinds are called on the pages, one and many, and the colour of a status."""

from typing import Final

from api.pages.care.wording import sentence
from plan.kinds import FRAME_KINDS, KINDS
from plan.known import Entry

KINDS_CALLED: Final = {
    "need": ("Need", "Needs"),
    "goal": ("Goal", "Goals"),
    "action": ("Action", "Actions"),
    "service": ("Service", "Services"),
    "instruction": ("Instruction", "Instructions"),
    "referral": ("Referral", "Referrals"),
    "equipment": ("Equipment", "Equipment"),
    "risk": ("Risk", "Risks"),
    "flag": ("Flag", "Flags"),
    "review": ("Review", "Reviews"),
    "allergy": ("Allergy", "Allergies"),
    "medicine": ("Medicine", "Medicines"),
    "prescription": ("Prescription", "Prescriptions"),
    "finding": ("Contradiction", "Contradictions"),
    "message": ("Message", "Messages"),
    "ask": ("Question to answer", "Questions to answer"),
    "stay": ("Hospital stay", "Hospital stays"),
    "readiness": ("Readiness for a discharge", "Readiness for a discharge"),
    "discharge_notice": ("Discharge notice", "Discharge notices"),
    "discharge_override": ("Discharge although not ready", "Discharges although not ready"),
    "departure": ("Departure from hospital", "Departures from hospital"),
    "failed_discharge": ("Failed discharge", "Failed discharges"),
    "document": ("Document", "Documents"),
    "assessment": ("Assessment", "Assessments"),
    "observation": ("Observation", "Observations"),
    "contact": ("Contact", "Contacts"),
    "sealed_address": ("Sealed address", "Sealed addresses"),
    "consent": ("Consent", "Consents"),
    "about_me": ("About me", "About me"),
    "housing": ("Home", "Homes"),
    "benefits": ("Benefit", "Benefits"),
    "contingency": ("Plan for when things go wrong", "Plans for when things go wrong"),
    "legal": ("Legal information", "Legal information"),
    "record": ("Record from another system", "Records from other systems"),
}
"""Kind: one, and many."""
ENDED: Final = frozenset(
    {
        *("completed", "cancelled", "done", "resolved", "inactive", "gone", "withdrawn", "closed", "finished"),
        *("superseded", "ended", "returned", "stopped", "entered_in_error", "rejected", "refused", "not_achieved"),
        *("remission", "corrected", "acted", "not_sent", "not_needed"),
    }
)
"""Words of a status that say that it is over: such entries stand after the others."""
_COLOURS: Final = (
    ("red", frozenset({"blocked", "entered_in_error", "not_ready", "refused", "disagreed", "change_needed"})),
    ("green", frozenset({"active", "accepted", "doing", "in_hospital", "confirmed", "agreed", "tested", "permit"})),
    ("yellow", frozenset({"asked", "planned", "proposed", "sent", "requested", "ordered", "open", "on_hold"})),
)
_STATUS: Final = ("status", "state", "outcome", "decision")


def named(entry: Entry) -> str:
    """What an entry is called, whichever kind it is."""
    row = KINDS.get(entry.kind) or FRAME_KINDS.get(entry.kind)
    return row.title(dict(entry.body)) if row else str(entry.body.get("title") or entry.type)


def called(kind: str, *, many: bool = False) -> str:
    """What a kind is called."""
    return KINDS_CALLED[kind][many] if kind in KINDS_CALLED else sentence(kind)


def status(entry: Entry) -> str:
    """The word that says how an entry stands, as it is stored; empty where its kind has none."""
    said = (str(entry.body.get(name, "")) for name in _STATUS)
    return next((word for word in said if word.islower() and word.replace("_", "").isalpha()), "")


def colour(word: str) -> str:
    """The colour of a status; its word says the same."""
    return next((name for name, words in _COLOURS if word in words), "grey")


def is_over(entry: Entry) -> bool:
    """Whether an entry is over, so that it stands after the others."""
    return status(entry) in ENDED or entry.body.get("certainty") == "entered_in_error"
