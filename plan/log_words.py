"""The access log in words that the person understands: who looked, what they did, what for. Tables, one row each.

No jargon and no codes: the coded parts stand beside the words. What a table does not know is said by its code, so that
nothing is ever left out.
"""

from collections.abc import Mapping, Sequence

ROLES: Mapping[str, str] = {
    "person": "you",
    "carer": "a carer of yours",
    "clinician": "a doctor, nurse or therapist",
    "social_worker": "a social worker",
    "housing_officer": "a housing officer",
    "benefits_adviser": "a benefits adviser",
    "care_provider": "a care worker",
    "coordinator": "a care coordinator",
    "auditor": "an auditor, who checks who looked",
    "commissioner": "somebody who plans and pays for services",
    "administrator": "somebody who runs this service",
    "service": "Oneplan itself",
    "": "somebody who had not signed in",
}
SECTIONS: Mapping[str, str] = {
    "about_me": "what matters to you",
    "health": "health",
    "social_care": "social care",
    "housing": "housing",
    "benefits": "benefits",
    "contingency": "if things go wrong",
    "transitions": "hospital stays and moves",
    "legal": "legal",
    "safeguarding": "safeguarding",
}
SOMETHING = "something"
"""In place of sections that the person may not know of: that there was something, and not what."""
_WHOLE: Mapping[str, str] = {"frame": "who you are and your team", SOMETHING: "part of your plan"}
"""What is no section to the person."""
PURPOSES: Mapping[str, str] = {
    "TREAT": "your care and treatment",
    "ETREAT": "emergency care",
    "BTG": "an emergency, by opening a plan that is closed to them",
    "CAREMGT": "arranging your care",
    "COORD": "joining up your care",
    "HOPERAT": "running the service",
    "HPAYMT": "paying for care",
    "HSYSADMIN": "looking after the system",
    "PATADMIN": "keeping your details right",
    "PATRQT": "because you asked",
    "FAMRQT": "because your family asked",
    "PUBHLTH": "public health",
    "HRESCH": "research",
    "HQUALIMP": "making care better",
    "HCOMPL": "checking that rules are kept",
    "": "nobody said why",
}
DOORS: Mapping[str, str] = {
    "rest": "an app that works with this service",
    "fhir-r4": "their own record system",
    "fhir-r5": "their own record system",
    "fhir": "their own record system",
    "cds": "their own record system, which was told how much waits, and nothing of what",
    "feed": "a notice that the service sent by itself",
    "mail": "an email that the service sent, with a link and nothing else",
    "coordination": "the rules by which the service looks after your plan",
    "pages": "the pages of this service",
    "print": "a print-out",
    "calendar": "a calendar that they keep",
    "cli": "the service's own machine",
}
REASONS: Mapping[str, str] = {
    "token": "The app that they used may not do that",
    "relationship": "They are not on your team, or there was nothing for them to see",
    "charter": "People in their role may not do that",
    "consent": "You have not agreed to it",
    "ownership": "Only the team that wrote it may change it",
}
_DONE: Mapping[str, str] = {"R": "looked at", "E": "searched and was shown", "C": "added to", "U": "changed"}
_DONE_WITHOUT: Mapping[str, str] = {
    "R": "looked at your plan, as far as allowed",
    "E": "searched for you, and was shown nothing",
    "C": "added to your plan",
    "U": "changed your plan",
    "D": "took something out of your plan",
}
_TRIED: Mapping[str, str] = {
    "R": "tried to look at your plan",
    "E": "tried to search your plan",
    "C": "tried to add to your plan",
    "U": "tried to change your plan",
    "D": "tried to take something out of your plan",
}
_OF_TYPE: Mapping[tuple[str, str], str] = {
    ("R", "AuditEvent"): "read this list of who looked",
    ("E", "AuditEvent"): "read this list of who looked",
    ("C", "Patient"): "began your plan",
    ("U", "Patient"): "changed your details",
    ("U", "CareTeam"): "changed your team",
    ("U", "reading"): "marked your plan as read",
    ("R", "Subscription"): "was told that something changed in",
    ("R", "mail"): "sent an email with a link, and nothing else, about",
    ("E", "override"): "opened your plan in an emergency, and is not on your team",
    ("R", "override"): "looked at how your plan was opened for an emergency",
    ("U", "override"): "checked why your plan was opened for an emergency",
    ("C", "calendar"): "made a link that shows your visits in a calendar",
    ("E", "calendar"): "looked at calendars of your visits",
    ("U", "calendar"): "renewed a calendar of your visits",
    ("D", "calendar"): "ended a calendar of your visits",
    ("D", "override"): "ended the opening of your plan for an emergency",
}
"""What is better said by what it was done to."""
_WITH_SECTIONS = frozenset({"Subscription", "mail"})


def what(action: str, type_: str, sections: Sequence[str], question: str, *, allowed: bool) -> str:
    """What somebody did, as the rest of a sentence that begins with them."""
    if not allowed:
        tried = _TRIED.get(action, f"tried to do something ({action})")
        reason = REASONS.get(question)
        return f"{tried}, and was refused. {reason}" if reason else f"{tried}, which did not work"
    own = _OF_TYPE.get((action, type_))
    if own and type_ not in _WITH_SECTIONS:
        return own
    if not sections:
        return f"{own} your plan" if own else _DONE_WITHOUT.get(action, f"did something ({action}) with your plan")
    if action == "D":
        return f"took something out of {_named(sections)}"
    return f"{own or _DONE.get(action, f'did something ({action}) with')} {_named(sections)}"


def _named(sections: Sequence[str]) -> str:
    """`parts of your plan: health and social care`; what is no section to the person stands after them."""
    words = [SECTIONS.get(name, name) for name in sections if name not in _WHOLE]
    whole = [_WHOLE[name] for name in sections if name in _WHOLE]
    if not words:
        return ", and ".join(whole)
    return ", and ".join([f"part{'s' if len(words) > 1 else ''} of your plan: {_joined(words)}", *whole])


def _joined(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
