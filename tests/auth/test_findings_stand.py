"""Where a finding stands (plan.findings_place), held against the decision on leave itself (auth.access).

Random charters, teams, consents, restrictions and callers: whoever sees the finding sees every entry it is between.
"""

from random import Random

from auth.access import Standing, ask, narrow
from auth.caller import Caller
from auth.scopes import parse
from plan.charter import ROLES_WITH_SECTIONS, ROWS, Charter, Letter, Row, charter
from plan.findings_place import circle, moments, stands
from plan.known import HOUSE, Agency, Entry, Known, Place, Rule
from plan.model import AgencyId, EntryId, PersonId, Role, Section, Stored, Subject

ADA = PersonId("ada")
NOW = 1_000_000
AGENCIES = [AgencyId(f"A{number}") for number in range(5)]
KINDS = ("hospital", "care_provider", "housing", "gp_practice", "social_care")
CARERS = ("bea", "cyd")
SECTIONS = [section for section in Section if section is not Section.FRAME]


def a_charter(random: Random) -> Charter:
    """The charter in force, or one with letters of its own; carers read by consent, as others may."""
    if random.random() < 0.5:
        return charter()
    rows = []
    for row in ROWS:
        letters = {role.value: random.choice("--rrcm") for role in ROLES_WITH_SECTIONS if role is not Role.CARER}
        carer = "r" if row.section is Section.FRAME else random.choice(("-", "r*", "c*"))
        rows.append(Row(section=row.section, title=row.title, carer=carer, **letters))
    return charter(tuple(rows))


def a_rule(random: Random) -> Rule:
    party = random.choice(
        [
            f"agency:{random.choice(AGENCIES)}",
            f"role:{random.choice(ROLES_WITH_SECTIONS).value}",
            f"user:{random.choice((*CARERS, 'w0', 'w1'))}",
        ]
    )
    since, until = random.choice(((0, None), (0, NOW), (NOW + 1, None), (0, NOW + 5)))
    decision = "permit" if any(name in party for name in CARERS) and random.random() < 0.7 else "deny"
    return Rule(
        entry=EntryId("c"),
        party=party,
        section=random.choice(SECTIONS[:4]),
        decision=decision,
        since=since,
        until=until,
    )


def a_world(random: Random) -> tuple[Known, Charter]:
    agreed = a_charter(random)
    team = [Place(party=agency) for agency in AGENCIES if random.random() < 0.8]
    team += [Place(party=f"user:{carer}", role="carer") for carer in CARERS]
    team += [Place(party="A9", until=NOW)]
    readers = {
        section: frozenset(role for role in Role if agreed.letter(role, section) is not Letter.NOTHING)
        for section in Section
    }
    known = Known(
        person=ADA,
        now=NOW,
        entries={},
        team=tuple(team),
        rules=tuple(a_rule(random) for _ in range(random.choice((0, 1, 2, 4, 6)))),
        agencies={a: Agency(id=a, kind=kind) for a, kind in zip(AGENCIES, KINDS, strict=True)},
        readers=readers,
    )
    return known, agreed


def a_side(random: Random, number: int) -> Entry:
    named = frozenset(random.sample(AGENCIES, random.randint(0, 3)))
    return Entry(
        id=EntryId(f"e{number}"),
        type="ServiceRequest",
        kind="instruction",
        section=random.choice(SECTIONS[:4] if random.random() < 0.8 else [*SECTIONS, Section.FRAME]),
        agency=random.choice(AGENCIES),
        version=1,
        at=0,
        created=0,
        restriction=named if random.random() < 0.3 else None,
    )


def callers(random: Random) -> list[Caller]:
    made = [("person", AgencyId("ADA"), "ada"), *(("carer", AgencyId("CARER"), carer) for carer in CARERS)]
    workers = [role.value for role in Role if role not in (Role.PERSON, Role.CARER)]
    made += [(random.choice(workers), agency, f"w{random.randint(0, 2)}") for agency in AGENCIES for _ in range(3)]
    return [
        Caller(
            subject=Subject(subject),
            agency=agency,
            role=Role(role),
            scopes=parse("user/*.cruds"),
            person=ADA if role == "person" else None,
        )
        for role, agency, subject in made
    ]


def standing(known: Known, caller: Caller) -> Standing:
    """What the team and the consents say of a caller, told apart from the code that is tested."""
    if caller.role is Role.PERSON:
        return Standing(related=True, basis="self")
    names = {f"agency:{caller.agency}", f"role:{caller.role.value}", f"user:{caller.subject}"}
    mine = [r for r in known.rules if r.party in names and r.since <= NOW and (r.until is None or r.until > NOW)]
    party = f"user:{caller.subject}" if caller.role is Role.CARER else caller.agency
    return Standing(
        related=any(place.party == party and (place.until is None or place.until > NOW) for place in known.team),
        basis="added",
        opened=frozenset(rule.section for rule in mine if rule.decision == "permit"),
        closed=frozenset(rule.section for rule in mine if rule.decision == "deny"),
    )


def stored(section: Section, agency: AgencyId, restriction: frozenset[AgencyId] | None) -> Stored:
    return Stored(
        person=ADA,
        id=EntryId("x"),
        type="DetectedIssue",
        kind="finding",
        section=section,
        agency=agency,
        author=Subject("x"),
        version=1,
        at=0,
        restriction=restriction,
    )


def test_whoever_sees_a_finding_sees_every_entry_that_it_is_between():
    random = Random(5)
    seen = nowhere = 0
    for _ in range(4000):
        known, agreed = a_world(random)
        sides = [a_side(random, number) for number in range(random.choice((1, 2, 2, 2, 3)))]
        only = frozenset(random.sample(KINDS, 2)) if random.random() < 0.1 else frozenset()
        spot = stands(known, sides, only)
        if spot is None:
            nowhere += 1
            continue
        for caller in callers(random):
            permit = narrow(ask(caller, agreed), ADA, standing(known, caller))
            if not permit.shows(stored(spot[0], HOUSE, spot[1])):
                continue
            seen += 1
            assert not only or known.agencies[caller.agency].kind in only
            for side in sides:
                assert permit.shows(stored(side.section, side.agency, side.restriction)), (caller, side, spot)
    assert seen > 5000
    assert nowhere < 3000


def test_in_the_charter_in_force_most_pairs_of_sections_have_a_place():
    readers = {s: frozenset(r for r in Role if charter().letter(r, s) is not Letter.NOTHING) for s in Section}
    known = Known(person=ADA, now=NOW, entries={}, readers=readers)
    random = Random(7)
    places = {}
    for one in SECTIONS:
        for other in SECTIONS:
            sides = [
                Entry(
                    id=EntryId(s), type="Goal", kind="goal", section=s, agency=AGENCIES[0], version=1, at=0, created=0
                )
                for s in (one, other)
            ]
            random.shuffle(sides)
            places[one, other] = stands(known, sides)
    assert places[Section.HEALTH, Section.SOCIAL_CARE] == (Section.HEALTH, None)
    assert places[Section.TRANSITIONS, Section.SOCIAL_CARE] is not None
    assert places[Section.HEALTH, Section.BENEFITS] is None
    assert places[Section.HEALTH, Section.SAFEGUARDING] == (Section.SAFEGUARDING, None)


def test_what_stands_in_the_frame_alone_has_a_finding_in_a_section():
    readers = {s: frozenset(r for r in Role if charter().letter(r, s) is not Letter.NOTHING) for s in Section}
    known = Known(person=ADA, now=NOW, entries={}, readers=readers)
    side = Entry(
        id=EntryId("e"),
        type="Patient",
        kind="person",
        section=Section.FRAME,
        agency=AGENCIES[0],
        version=1,
        at=0,
        created=0,
    )
    spot = stands(known, [side])
    assert spot is not None
    assert spot[0] is Section.ABOUT_ME


def test_a_person_reads_what_their_own_consent_closes_to_people_of_their_role():
    rule = Rule(entry=EntryId("c"), party="role:person", section=Section.HEALTH, decision="deny", since=0)
    readers = {Section.HEALTH: frozenset({Role.PERSON, Role.CLINICIAN})}
    known = Known(person=ADA, now=NOW, entries={}, readers=readers, rules=(rule,))
    assert circle(known, Section.HEALTH).roles == {Role.PERSON, Role.CLINICIAN}


def test_it_is_asked_again_when_a_consent_or_a_place_on_the_team_begins_or_ends():
    rule = Rule(entry=EntryId("c"), party="agency:A1", section=Section.HEALTH, decision="deny", since=5, until=9)
    known = Known(person=ADA, now=1, entries={}, rules=(rule,), team=(Place(party="A1", since=2),))
    assert set(moments(known)) == {5, 9, 2}
