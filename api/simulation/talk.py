"""What agencies tell and ask each other: concerns with their answers, referrals, and sign-offs."""

from typing import Final

from api.simulation.life import DAY, HOUR, MINUTE, Life
from api.simulation.parameters import PARAMETERS

URGENCIES: Final = ("urgent", "soon", "routine")

CONCERNS: Final = (
    ("breathless", "Breathless on the stairs, third visit"),
    ("swelling", "Ankles are swollen"),
    ("fall", "Found on the floor, got up with help"),
    ("not_eating", "Yesterday's meal is still on the table"),
    ("confused", "Did not know which day it is"),
)
"""What a visit finds."""


def concerns(life: Life) -> None:
    """What carers see, and what becomes of it. *Seen* is not *acknowledged*, and silence is told as silence."""
    number = 0
    for day in life.days():
        at = life.start + day * DAY + life.dice.randint(8, 20) * HOUR
        if life.chance("concern_per_day") and life.at_home(at):
            number += 1
            _concern(life, f"concern-{number}", at)


def _concern(life: Life, name: str, at: int) -> None:
    concern, text = life.dice.choice(CONCERNS)
    urgency = life.dice.choices(URGENCIES, [PARAMETERS[name] for name in URGENCIES])[0]
    life.does(at, "care_provider", "concern", message=name, concern=concern, urgency=urgency, text=text)
    if life.chance("never_acknowledged"):
        life.truth(at, message=name, acknowledged=None)
        return
    taken = at + life.wait("acknowledges_hours", HOUR)
    life.does((at + taken) // 2, "gp_practice", "see", message=name)
    life.does(taken, "gp_practice", "acknowledge", message=name)
    life.truth(taken, message=name, acknowledged=(taken - at) // MINUTE)
    if life.chance("answers_concern"):
        answered = taken + life.wait("acknowledges_hours", HOUR)
        said = {"outcome": "plan_amended", "text": "Water tablet raised for three days"}
        life.does(answered, "gp_practice", "answer", message=name, **said)
        if life.chance("understood"):
            life.does(answered + HOUR, "care_provider", "understood", message=name)


def referrals(life: Life) -> None:
    """An agency is asked to take something on: it does, it does not and says why, or nobody hears of it again."""
    if not life.chance("referred"):
        return
    at = life.start + life.dice.randint(1, max(len(life.days()), 1)) * DAY + 9 * HOUR
    said = {"referral": "referral-1", "to": life.who.estate.agency("benefits"), "text": "Please check the awards"}
    life.does(at, "social_care", "refer", **said)
    if life.chance("referral_silent"):
        return
    answered = at + life.wait("acknowledges_hours", HOUR)
    if life.chance("refused"):
        life.does(answered, "benefits", "refuse", referral="referral-1", text="Outside our area")
    else:
        life.does(answered, "benefits", "accept", referral="referral-1")


def sign(life: Life) -> None:
    """A clinician signs the social-care plan off, for some: for the others nobody with a registration ever looks."""
    if life.chance("signed_off"):
        at = life.start + life.wait("signs_days", DAY)
        life.does(at, "gp_practice", "sign", sections=["social_care"])
        life.truth(at, signed=["social_care"])
