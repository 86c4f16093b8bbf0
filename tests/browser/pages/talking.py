"""The pages of messages, referrals and findings: one person of whom there is something of each."""

from functools import cache
from typing import Any

from plan.model import EntryId, PersonId
from tests.browser.care import Care

PRACTICE = {"reference": "Organization/P10001", "name": "Test Surgery"}
COUNCIL = {"reference": "Organization/LA1", "name": "Test Council Adult Social Care"}
HOME_CARE = {"reference": "Organization/HC1", "name": "Test Home Care"}
SWOLLEN = {"text": "Swollen ankles or legs", "system": "http://snomed.info/sct", "code": "267038008"}


def message(care: Care, person: PersonId, agency: str = "HC1", **more: Any) -> EntryId:
    """A message that asks the practice, in the section that both write."""
    body = {"text": "Both ankles are swollen, since Monday.", "status": "sent", "urgency": "soon", "to": [PRACTICE]}
    return care.add(agency, person, "message", "social_care", **(body | more))


def referral(care: Care, person: PersonId) -> str:
    """The council is asked by the ward, as the REST door would: the referral with its task."""
    made = care.add(
        "RX1",
        person,
        "referral",
        "transitions",
        referral="Welfare check in the first week at home",
        status="active",
        to=COUNCIL,
        asked_by={"reference": "Organization/RX1"},
        priority="urgent",
        note="She lives alone, and her daughter is away until April.",
    )
    care.add(
        "RX1",
        person,
        "action",
        "transitions",
        what="Welfare check in the first week at home",
        status="planned",
        who=COUNCIL,
        priority="urgent",
        focus=f"ServiceRequest/{made}",
    )
    return made


def contradiction(care: Care, person: PersonId) -> EntryId:
    """The council encourages to drink, the ward restricts; the worker finds it. The id of the finding."""
    drink = {"topic": "fluids", "status": "active"}
    care.add(
        "LA1",
        person,
        "instruction",
        "social_care",
        text="Encourage her to drink at every visit",
        action="encourage",
        value={"value": 2, "unit": "L/d"},
        **drink,
    )
    care.add(
        "RX1",
        person,
        "instruction",
        "health",
        text="Keep fluids to 1.5 litres a day",
        action="restrict",
        value={"value": 1.5, "unit": "L/d"},
        **drink,
    )
    care.turn()
    found = care.done(care.desk.kind(care.visit(), person, "finding", None))
    return EntryId(found[0].id)


@cache
def somebody(care: Care) -> tuple[PersonId, EntryId, str, EntryId]:
    """The person, a message that waits, a referral that waits, a finding that is open."""
    person = care.person("Winifred", "Hale")
    message(care, person, text="She did not want breakfast again.", urgency="routine")
    message(care, person, "LA1", text="Can the tablets be given at 9 rather than at 8?", urgency="urgent")
    care.turn()
    care.later(hours=3)
    care.turn()
    asked = message(care, person, concern=SWOLLEN)
    message(care, person, concern=SWOLLEN, text="Swollen ankles again this evening.")
    made = referral(care, person)
    return person, asked, made, contradiction(care, person)


def at(care: Care, end: str) -> str:
    """Somewhere below the person's plan."""
    person, asked, made, found = somebody(care)
    return f"/care/people/{person}/{end.format(message=asked, referral=made, finding=found)}"


PAGES = (
    ("Messages", "clinician-p10001", lambda care: at(care, "messages")),
    ("A message", "clinician-p10001", lambda care: at(care, "messages/{message}")),
    ("A new message", "care-worker-hc1", lambda care: at(care, "messages/new")),
    ("Referrals", "social-worker-la1", lambda care: at(care, "referrals")),
    ("A referral", "social-worker-la1", lambda care: at(care, "referrals/{referral}")),
    ("A new referral", "clinician-rx1", lambda care: at(care, "referrals/new")),
    ("Contradictions", "clinician-p10001", lambda care: at(care, "findings")),
    ("A contradiction", "clinician-p10001", lambda care: at(care, "findings/{finding}")),
)
