"""Short lines that both sheets say: visits of a week, telephone numbers, and who is reached where."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.pages.care.banner import banner
from api.pages.care.paper.printed import Block, Marks
from api.pages.care.wording import ROLES, Wording
from auth.server.parties import Account
from plan.discharge_facts import agency
from plan.known import Entry, Known
from plan.model import AgencyId, Role

OVER: Final = frozenset({"completed", "cancelled", "entered_in_error", "rejected", "stopped", "not_taken", "returned"})
"""What is over, or never was."""
DAYS: Final = {
    "mon": "Mon",
    "tue": "Tue",
    "wed": "Wed",
    "thu": "Thu",
    "fri": "Fri",
    "sat": "Sat",
    "sun": "Sun",
}
NUMBERS: Final = ("emergency", "duty", "team")
"""The contact points of an agency, the one to ring first."""


def marks(known: Known, account: Account) -> Marks:
    """The marks of what is printed for somebody now."""
    words, whose = Wording(known), banner(known)
    last = max((one.at for one in known.entries.values()), default=known.now)
    return Marks(
        name=whose.name,
        number=whose.nhs_number,
        when=words.when(known.now),
        by=printed_by(words, account),
        as_of=words.when(last),
    )


def printed_by(words: Wording, account: Account) -> str:
    """Who prints: name, role, agency."""
    role = ROLES.get(account.role.value, account.role.value).lower()
    own = account.role in (Role.PERSON, Role.CARER)
    return ", ".join(filter(None, (account.name, role, "" if own else words.agency(account.agency))))


def identity(known: Known) -> Block:
    """Who it is, and how to speak with them."""
    words, whose = Wording(known), banner(known)
    who: Mapping[str, Any] = known.identity
    said: Mapping[str, Any] = who.get("communication") or {}
    born = words.date(whose.born) + (f" (aged {whose.age})" if whose.age is not None else "")
    rows = (
        ("Name", whose.name),
        ("Wants to be called", str(who.get("preferred_name", ""))),
        ("Born", born if whose.born else ""),
        ("Lives", _once(*_addresses(who), whose.place)),
        ("Telephone", ", ".join(map(str, who.get("phones", ())))),
        ("GP practice", str((who.get("gp_practice") or {}).get("name", ""))),
        ("How to communicate", whose.communication),
        ("Communication needs", "; ".join(_needs(words, said))),
    )
    return Block(title="Who this is", rows=tuple(row for row in rows if row[1]), weight=4)


def allergies(known: Known) -> Block:
    """What they must not be given."""
    words = Wording(known)
    rows = tuple(
        (
            str(one.body.get("substance", "")),
            ", ".join(
                filter(
                    None,
                    (
                        f"{words.lines(one.body.get('criticality'))[0]} risk" if "criticality" in one.body else "",
                        str(one.body.get("reaction", "")),
                        *words.lines(one.body.get("certainty")),
                    ),
                )
            )
            or "Reaction not recorded",
        )
        for one in known.of("allergy")
        if one.body.get("status") == "active"
    )
    none = "No allergy is recorded that you may see. Ask the person."
    return Block(title="Allergies and intolerances", rows=rows, none=none, weight=4)


def current(known: Known, *kinds: str) -> list[Entry]:
    """The entries of some kinds that are not over."""
    return [one for one in known.of(*kinds) if one.body.get("status") not in OVER]


def visits(words: Wording, body: Mapping[str, Any]) -> str:
    """When a service visits: `Mon, Wed 08:00 for 30 minutes; ...`."""
    return "; ".join(_visit(one) for one in body.get("visits", ())) or _span(words, body)


def numbers(known: Known, agencies: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Agencies with the numbers that the directory has for them, each once."""
    words = Wording(known)
    for id_ in dict.fromkeys(agencies):
        contacts = agency(known, AgencyId(id_)).contacts
        phones: dict[str, list[str]] = {}
        for one in NUMBERS:
            if one in contacts and contacts[one].phone:
                phones.setdefault(contacts[one].phone, []).append(one)
        if phones:
            yield words.agency(id_), ", ".join(f"{phone} ({', '.join(some)})" for phone, some in phones.items())


def people_to_ring(known: Known) -> Iterator[tuple[str, str]]:
    """The person's own contacts, with their numbers."""
    words = Wording(known)
    for one in known.of("contact"):
        body: Mapping[str, Any] = one.body
        who = ", ".join(filter(None, (str(body.get("name", "")), str(body.get("relationship", "")))))
        more = ["has a key"] if body.get("key_holder") else []
        if "unpaid_carer" in body.get("roles", ()):
            more.append("carer")
        said = ", ".join(filter(None, (str(body.get("phone", "")) or "no number recorded", *more)))
        yield who, said
    for home in known.of("housing"):
        if isinstance(home.body.get("scheme_manager"), dict):
            yield "Scheme manager", words.party(home.body["scheme_manager"])


def _visit(visit: Mapping[str, Any]) -> str:
    days = ", ".join(DAYS[day] for day in visit.get("days", ())) or "Every day"
    carers = int(visit.get("carers", 1))
    parts = (
        f"{days} {visit.get('start', '')}",
        f"for {visit['minutes']} minutes" if "minutes" in visit else "",
        f"by {carers} carers" if carers > 1 else "",
        f"({visit['tasks']})" if "tasks" in visit else "",
    )
    return " ".join(filter(None, parts))


def _span(words: Wording, body: Mapping[str, Any]) -> str:
    return "; ".join(words.lines(body.get("period"))) or "Times not recorded"


def _addresses(who: Mapping[str, Any]) -> Iterator[str]:
    for one in who.get("addresses", ()):
        if one.get("type", "home") in ("home", "temporary"):
            yield ", ".join([*one.get("lines", ()), *(one[part] for part in ("city", "postcode") if part in one)])


def _once(*said: str) -> str:
    """Parts of an address, each once."""
    return ", ".join(dict.fromkeys(part for one in said for part in one.split(", ") if part))


def _needs(words: Wording, said: Mapping[str, Any]) -> Iterator[str]:
    yield from words.lines(said.get("needs"))
    yield from (f"speaks {line}" for line in words.lines(said.get("language")))
    if said.get("interpreter_required"):
        yield "needs an interpreter"
