"""The service's own hand: what rules want is in the plan once, in one transaction, and comes again when they say."""

from api.coordinating import DOOR, ROLE, Restless
from db.engine import Unavailable
from plan import coordination
from plan.known import HOUSE, Known, Wake, Want, derived
from plan.model import AgencyId, PersonId, Section
from tests.support.larch import larch

DAY = 86_400_000


def ruled(monkeypatch, *rules):
    monkeypatch.setattr(coordination, "RULES", rules)


def remind(known: Known):
    """One reminder to the landlord for each need, a day after it was written."""
    for need in known.of("need"):
        if known.now < need.created + DAY:
            yield Wake(need.created + DAY)
        else:
            said = {"what": "Have you heard?", "status": "planned", "who": {"reference": "Organization/HA1"}}
            yield Want(key=f"remind:{need.id}", kind="action", section=Section.TRANSITIONS, body=said)


async def actions(place, agency="HA1"):
    answer = await place.client(agency).get(f"{place.address}/plan/sections/transitions/action")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_a_rule_wants_is_written_when_the_moment_comes_and_once(world, monkeypatch):
    ruled(monkeypatch, remind)
    place = await larch(world)
    await place.turn()
    assert await actions(place) == []
    await place.turn(hours=23)
    assert await actions(place) == []
    await place.turn(hours=1, minutes=1)
    [one] = await actions(place)
    assert (one["what"], one["agency"], one["version"]) == ("Have you heard?", HOUSE, 1)
    await place.add("P10001", "health", "goal", goal="Walk to the shop", status="active")
    await place.turn(hours=48)
    assert [action["id"] for action in await actions(place)] == [one["id"]]
    assert await world.database.rows("select count(*) from job where kind = 'coordinate'") == [(0,)]


async def test_it_says_in_versions_feed_and_audit_that_nobody_wrote_it(world, monkeypatch):
    ruled(monkeypatch, remind)
    place = await larch(world)
    await place.turn(hours=25)
    id_ = (await actions(place))[0]["id"]
    rows = await world.database.rows(
        "select by_subject, by_role, by_agency, door from entry_version where id = ?", (id_,)
    )
    assert rows == [(HOUSE, ROLE, HOUSE, DOOR)]
    sql = "select action, subject, role, door, allowed from audit_event where person_id = ? and target = ?"
    assert await world.database.rows(f"{sql} and door = 'coordination'", (place.ada, id_)) == [
        ("C", HOUSE, ROLE, DOOR, True)
    ]
    changes = (await place.client("HA1").get(f"{place.address}/changes?limit=100")).json()["items"]
    assert [one["by"]["agency"] for one in changes if one["entry"].endswith(id_)] == [HOUSE]


async def test_what_is_not_wanted_any_more_goes_and_what_differs_is_changed(world, monkeypatch):
    wanted = {"what": "One", "status": "planned"}
    ruled(monkeypatch, lambda known: [Want(key="a", kind="action", section=Section.TRANSITIONS, body=wanted or None)])
    place = await larch(world)
    await place.turn()
    assert [(one["what"], one["version"]) for one in await actions(place)] == [("One", 1)]
    wanted["what"] = "Two"
    await place.add("P10001", "health", "goal", goal="Walk", status="active")
    await place.turn()
    assert [(one["what"], one["version"]) for one in await actions(place)] == [("Two", 2)]
    wanted.clear()
    await place.add("P10001", "health", "goal", goal="Run", status="active")
    await place.turn()
    assert await actions(place) == []
    wanted |= {"what": "Three", "status": "planned"}
    await place.add("P10001", "health", "goal", goal="Swim", status="active")
    await place.turn()
    assert [(one["what"], one["version"]) for one in await actions(place)] == [("Three", 4)]


async def test_rules_see_what_others_wanted_in_the_same_transaction(world, monkeypatch):
    def second(known):
        if known.made("first"):
            yield Want(
                key="second", kind="action", section=Section.TRANSITIONS, body={"what": "2", "status": "planned"}
            )

    def first(known):
        yield Want(key="first", kind="action", section=Section.TRANSITIONS, body={"what": "1", "status": "planned"})

    ruled(monkeypatch, second, first)
    place = await larch(world)
    await place.turn()
    assert {one["what"] for one in await actions(place)} == {"1", "2"}


async def test_rules_that_do_not_come_to_rest_write_nothing_and_are_asked_again(world, monkeypatch, caplog):
    def restless(known):
        said = known.made("a")
        count = len(said.body["what"]) if said else 0
        yield Want(
            key="a", kind="action", section=Section.TRANSITIONS, body={"what": "x" * (count + 1), "status": "planned"}
        )

    ruled(monkeypatch, restless)
    place = await larch(world)
    await place.turn()
    assert await actions(place) == []
    assert Restless.__name__ in caplog.text
    ruled(monkeypatch, remind)
    await place.turn(hours=25)
    assert len(await actions(place)) == 1


async def test_who_dies_before_it_is_durable_has_done_nothing_and_another_does_it_once(world, monkeypatch):
    ruled(monkeypatch, remind)
    place = await larch(world)
    await place.turn()
    world.later(hours=25)
    monkeypatch.setattr("db.writing.Writing.flush", _dies)
    await world.service.feed.turn(most=20)
    monkeypatch.undo()
    ruled(monkeypatch, remind)
    assert await actions(place) == []
    await place.turn(minutes=3)
    assert len(await actions(place)) == 1


async def _dies(writing):
    raise Unavailable


async def test_what_is_restricted_is_known_to_the_rules_and_shown_to_those_who_may_see_it(world, monkeypatch):
    def found(known):
        for risk in known.of("risk"):
            body = {"what": "Talk about it", "status": "planned"}
            named = frozenset({AgencyId("LA1")})
            yield Want(
                key=risk.id,
                kind="action",
                section=Section.TRANSITIONS,
                body=body,
                restriction=named,
                agency=AgencyId("LA1"),
            )

    ruled(monkeypatch, found)
    place = await larch(world)
    await place.add("LA1", "social_care", "risk", risk="Neglect", status="final", restricted_to=["LA1"])
    await place.turn()
    assert len(await actions(place, "LA1")) == 1
    assert await actions(place, "HA1") == []


async def test_what_a_caller_may_have_known_is_what_they_see(world):
    place = await larch(world)
    await place.add("LA1", "social_care", "risk", risk="Neglect", status="final", restricted_to=["LA1"])
    housing = await world.desk.known(world.visit("housing_officer", "HA1"), place.ada)
    council = await world.desk.known(world.visit("social_worker", "LA1"), place.ada)
    assert not [*housing.of("risk"), *housing.of("need")]
    assert [one.body["risk"] for one in council.of("risk")] == ["Neglect"]
    assert housing.agencies["RX1"].kind == "hospital"
    assert housing.agencies["LA1"].contacts["escalation"].email == "escalation@la1.example"
    assert housing.agencies["LA1"].hours[0].days == frozenset(range(5))
    assert {agency.id for agency in housing.members()} == set(housing.agencies)
    assert council.identity["name"]["family"] == "Test"


def test_the_id_of_what_is_derived_is_a_uuid_of_version_8_and_follows_from_person_and_key():
    person, stranger = PersonId("p"), PersonId("q")
    one = derived(person, "a")
    assert one == derived(person, "a")
    assert len({one, derived(person, "b"), derived(stranger, "a")}) == 3
    assert one[14] == "8"
    assert one[19] in "89ab"
