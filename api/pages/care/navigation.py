"""Where the pages lead from each of them: one row a link, with the roles that have something to find there."""

from typing import TYPE_CHECKING, Final, NamedTuple

from plan.model import Role
from plan.override import ROLES

if TYPE_CHECKING:
    from api.pages.care.reader import Reader

WORKERS: Final = frozenset(
    {
        Role.CLINICIAN,
        Role.SOCIAL_WORKER,
        Role.HOUSING_OFFICER,
        Role.BENEFITS_ADVISER,
        Role.CARE_PROVIDER,
        Role.COORDINATOR,
    }
)
"""Who works with plans."""
OWN: Final = (Role.PERSON, Role.CARER)
"""Who reads about themself, or about somebody near."""


class Link(NamedTuple):
    """One link of the navigation."""

    text: str
    href: str
    roles: frozenset[Role]


LINKS: Final = (
    Link("My list", "/care/list", WORKERS),
    Link("Find a person", "/care/find", WORKERS),
    Link("Discharges", "/care/discharges", WORKERS),
    Link("Emergency access", "/care/open", ROLES),
    Link("My plan", "/care/mine", frozenset({Role.PERSON})),
    Link("People I care for", "/care/mine", frozenset({Role.CARER})),
    Link("Emergency access", "/care/overrides", frozenset({Role.AUDITOR})),
    Link("Measures", "/care/measures", frozenset({Role.COMMISSIONER})),
    Link("Account", "/auth/you", frozenset(Role)),
)
"""The first that a role has is where its pages begin."""


def links(reader: "Reader") -> list[dict[str, object]]:
    """The links of a reader, the one that is open marked; none beside the plan that a launch has opened."""
    if reader.turn.launch:
        return []
    path = reader.request.url.path
    return [
        {"text": one.text, "href": one.href, "current": path == one.href or path.startswith(f"{one.href}/")}
        for one in LINKS
        if reader.role in one.roles
    ]


def home(role: Role) -> str:
    """Where the pages begin for a role."""
    return next(one.href for one in LINKS if role in one.roles)
