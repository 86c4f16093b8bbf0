"""Leave: the five questions, each able only to take away, and the permit they end in.

1 token (scopes), 2 relationship, 3 charter, 4 consent and restriction, 5 ownership: design in docs/access.md.
`ask` answers what needs no data (1 and 3); the store joins 2 and 4 to every statement from the permit's own fields, so
that what may not be seen is filtered in the query. `narrow` answers 2 and 4 for one person from the facts that the
store found; `must` adds 5 and insists. Plain Python: no framework, no database. The only maker of permits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from auth.caller import HOUSE, Caller
from auth.scopes import Said, Scopes
from plan.charter import Charter, Letter
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Stored
from plan.override import OVERRIDE
from plan.problem import Problem, Trouble


class Question(StrEnum):
    """Which of the five decided."""

    TOKEN = "token"  # noqa: S105 - a word of the design, no secret
    RELATIONSHIP = "relationship"
    CHARTER = "charter"
    CONSENT = "consent"
    OWNERSHIP = "ownership"


class Verb(StrEnum):
    """What somebody wants to do, by the SMART letter that it needs."""

    CREATE = "c"
    READ = "r"
    UPDATE = "u"
    DELETE = "d"
    SEARCH = "s"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store knows of a caller's relation to one person, today.

    `related`: the agency (or the caller) is on the team, or the caller is the person. `opened`: sections that the
    person's consents open to a carer. `closed`: sections that the person has closed to this agency, role or carer.
    `entries`: the only ones that are open to who is asked and has not accepted; None: all. `known_to`: the agencies
    that may know of this relation; None: everybody on the team.
    """

    related: bool = False
    basis: str = ""
    opened: frozenset[Section] = frozenset()
    closed: frozenset[Section] = frozenset()
    entries: frozenset[EntryId] | None = None
    known_to: frozenset[AgencyId] | None = None


NOBODY = Standing()
_BY_CHARTER = MappingProxyType(dict.fromkeys(Section, Question.CHARTER))
"""What closes a section as long as nothing finer does."""
_EVERYTHING = MappingProxyType(dict.fromkeys(Section, Letter.MANAGE))
UNSAID: Sequence[Said] = (frozenset(),)
"""Of an entry whose categories nobody looked at: no constraint holds of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What the caller may touch. `letters` holds the sections that may be read at all, and how far one may go in each.

    `scopes`: what the token allows here. `person` and `basis`, on which the relationship rests, are set once the permit
    has been narrowed to one person.
    `charter_version` goes into every audit row. `entries` and `known_to` as in Standing.
    `decided` says for each section that is closed which question closed it.
    """

    caller: Caller
    scopes: Scopes
    charter_version: str
    letters: Mapping[Section, Letter]
    by_consent: bool = False
    person: PersonId | None = None
    basis: str = ""
    decided: Mapping[Section, Question]
    entries: frozenset[EntryId] | None = None
    known_to: frozenset[AgencyId] | None = None

    def may_read(self, section: Section) -> bool:
        """Whether anything in the section may be read."""
        return section in self.letters

    def sees(self, agency: AgencyId, restriction: frozenset[AgencyId] | None) -> bool:
        """Whether an entry with this restriction is open: its own agency and the agencies it names."""
        return restriction is None or self.caller.agency == agency or self.caller.agency in restriction

    def shows(self, entry: Stored) -> bool:
        """Whether this entry may be read, once the permit has been narrowed to its person."""
        return (
            self.may_read(entry.section)
            and self.sees(entry.agency, entry.restriction)
            and (self.entries is None or entry.id in self.entries)
        )

    @property
    def sections(self) -> frozenset[Section]:
        """The sections that may be read."""
        return frozenset(self.letters)

    def covers(self, verbs: str, type_: str, said: Said) -> bool:
        """Whether the scopes allow one of these verbs on an entry of this type that says these categories.

        What holds of every entry of a type alike was asked of the type, before.
        """
        return self.caller.scopes.plain or self.scopes.cover(verbs, type_, said)

    @property
    def only(self) -> PersonId | None:
        """Whose plan is the only one that there can be: the person's own, or the one that the scopes are bound to."""
        if self.caller.role is Role.PERSON:
            return self.caller.person
        return self.caller.patient if self.scopes.bound else None


def ask(caller: Caller, charter: Charter) -> Permit:
    """Questions 1 and 3: what the charter gives this role at most. Scopes are asked by verb and type, in `allows`."""
    given, by_consent = _given(charter, caller.role)
    return Permit(
        caller=caller,
        scopes=caller.scopes,
        charter_version=charter.version,
        letters=given,
        by_consent=by_consent,
        decided=_BY_CHARTER,
    )


@cache
def _given(charter: Charter, role: Role) -> tuple[Mapping[Section, Letter], bool]:
    letters = {section: charter.letter(role, section) for section in Section}
    given = {section: letter for section, letter in letters.items() if letter is not Letter.NOTHING}
    return MappingProxyType(given), any(charter.by_consent(role, section) for section in Section)


def house(charter: Charter, person: PersonId) -> Permit:
    """The service's own permit in one person's plan: what follows from the plan has to be found in all of it.

    Nobody signs in with it, and nothing that is read by it is shown to anybody but by an entry of its own.
    """
    return Permit(
        caller=HOUSE,
        scopes=HOUSE.scopes,
        charter_version=charter.version,
        letters=_EVERYTHING,
        person=person,
        basis="the service itself",
        decided=_BY_CHARTER,
    )


def allows(permit: Permit, verb: Verb, type_: str) -> bool:
    """Question 1 for one verb on one FHIR type: whether the token's scopes let the app do it with anything at all."""
    return permit.scopes.allow(verb.value, type_)


def aim(permit: Permit, verb: Verb, *types: str) -> Permit:
    """Question 1 for what is asked of many entries: of these types only what the scopes allow the verb on."""
    if permit.scopes.plain:
        return permit
    return replace(permit, scopes=permit.scopes.aimed(verb.value, frozenset(types)))


def narrow(permit: Permit, person: PersonId, standing: Standing) -> Permit:
    """Questions 2 and 4 for one person: the permit with what this relation and the person's consents leave of it."""
    theirs = person == permit.caller.patient
    if not standing.related or (permit.scopes.bound and not theirs):
        nothing = MappingProxyType(dict.fromkeys(Section, Question.RELATIONSHIP))
        return replace(permit, person=person, letters=MappingProxyType({}), decided=nothing)
    left = {section: letter for section, letter in permit.letters.items() if _open(permit, section, standing)}
    taken = dict.fromkeys(permit.letters.keys() - left.keys(), Question.CONSENT)
    return replace(
        permit,
        person=person,
        scopes=permit.scopes if theirs else permit.scopes.without_patient(),
        basis=standing.basis,
        letters=MappingProxyType(left),
        decided=MappingProxyType({**permit.decided, **taken}),
        entries=standing.entries,
        known_to=standing.known_to,
    )


def _open(permit: Permit, section: Section, standing: Standing) -> bool:
    if section in standing.closed:
        return False
    return not permit.by_consent or section is Section.FRAME or section in standing.opened


def must_see(permit: Permit) -> None:
    """Insist that the narrowed permit leaves anything at all; otherwise the plan does not exist for this caller."""
    if not permit.letters:
        raise Problem(Trouble.NOT_FOUND)


def must_belong(permit: Permit) -> None:
    """Insist on a relationship that lasts: who came in by an override hands no leave on, to themself least of all."""
    if permit.basis == OVERRIDE:
        what = "An override lets nobody change who sees the plan."
        raise refusal(Question.RELATIONSHIP, what, "Ask an agency on the person's team.")


def must_by_scope(permit: Permit, verb: Verb, type_: str, said: Sequence[Said] = ()) -> None:
    """Insist that the app may do this with a type at all, and with an entry that says each of these categories.

    Of the type it is asked before anything is looked for, so that the answer tells nothing of what is there.
    """
    if not allows(permit, verb, type_) or not all(permit.covers(verb.value, type_, one) for one in said):
        raise beyond(type_)


def must_freely(permit: Permit, verb: Verb, type_: str) -> None:
    """Insist that the app may do this with all of a type, whosever it is: for what stands in no plan yet, or never."""
    if not permit.scopes.freely(verb.value, type_):
        raise beyond(type_)


def must(
    permit: Permit,
    verb: Verb,
    type_: str,
    section: Section,
    owner: AgencyId | None = None,
    said: Sequence[Said] = UNSAID,
) -> None:
    """Insist on a write: all of it or nothing. `owner` is the agency of the entry that changes; None for a new one.
    `said`: the categories of the entry, before and after; empty where `must_by_scope` is asked of them later.

    Raises NOT_FOUND for what may not even be read, REFUSED where the charter already says so in public.
    """
    if not permit.may_read(section):
        _hidden_or_refused(permit, section)
    must_by_scope(permit, verb, type_, said)
    if permit.entries is not None and (verb, type_) != (Verb.UPDATE, "Task"):
        what = "Your agency has been asked to join, and has not accepted."
        raise refusal(Question.RELATIONSHIP, what, "Accept the task first.")
    letter = permit.letters[section]
    if letter is Letter.READ:
        what = f"The charter lets the role {permit.caller.role.value} read {section.value}, not write in it."
        raise refusal(Question.CHARTER, what, "Ask an agency that manages the section.")
    if owner is not None and letter is Letter.CONTRIBUTE and owner != permit.caller.agency:
        what = f"In {section.value} your role may change the entries of its own agency only."
        raise refusal(Question.OWNERSHIP, what, "Ask the agency that wrote it, or one that manages the section.")


def must_settle(permit: Permit, type_: str, section: Section, said: Sequence[Said] = UNSAID) -> None:
    """Insist that the caller may settle a finding that they read: a clinician or the coordinator, whatever their letter
    in its section, because what it settles is between agencies and nobody's own.
    """
    if not permit.may_read(section):
        _hidden_or_refused(permit, section)
    must_by_scope(permit, Verb.UPDATE, type_, said)
    if permit.caller.role not in (Role.CLINICIAN, Role.COORDINATOR):
        what = "Only a clinician or the coordinator settles a contradiction."
        raise refusal(Question.CHARTER, what, "Ask one of them.")


def must_invite(permit: Permit) -> None:
    """Insist that the caller may bring an agency to the plan, as a task, a referral or a team of its own does."""
    must_belong(permit)
    letter = permit.letters.get(Section.FRAME, Letter.NOTHING)
    if letter.height < Letter.CONTRIBUTE.height or permit.entries is not None:
        what = f"The role {permit.caller.role.value} may not bring an agency to the plan that is not on the team."
        raise refusal(Question.CHARTER, what, "Ask an agency that manages the frame.")


def must_stay_unknown(permit: Permit, restriction: frozenset[AgencyId] | None, owner: AgencyId | None = None) -> None:
    """Insist that who is on the team in secret changes nothing that others see: its name would stand there.

    Others are all to whom the restriction and the agency of the entry (`owner`) show it, and who may not know.
    """
    if permit.known_to is None:
        return
    readers = None if restriction is None else restriction | ({owner} if owner else frozenset())
    if readers is None or not readers <= permit.known_to:
        what = "Not everybody may know that your agency is on this team, and this entry shows to others."
        raise refusal(Question.CONSENT, what, "Write an entry of your own; it will show to who may know of you.")


def _hidden_or_refused(permit: Permit, section: Section) -> None:
    """403 when the charter, which is public, closes the section to the role; 404 for all that it does not say."""
    must_see(permit)
    if permit.decided[section] is not Question.CHARTER:
        raise Problem(Trouble.NOT_FOUND)
    what = f"The role {permit.caller.role.value} has no leave in {section.value}."
    raise refusal(Question.CHARTER, what, "Ask an agency that manages the section.")


def refusal(question: Question, what: str, mend: str) -> Problem:
    """A 403 that says which kind of leave is missing and whom to ask, never what is there."""
    return Problem(Trouble.REFUSED, f"{what} {mend}", extra={"question": question.value})


def beyond(type_: str) -> Problem:
    """The refusal of the first question."""
    return refusal(Question.TOKEN, f"The app's scopes do not allow this on {type_}.", "Ask for a wider scope.")
