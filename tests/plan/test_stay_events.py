"""Events of a hospital's feed: what each may say, what they come to, and that the order of arrival is none of it."""

from random import Random
from typing import Any

import pytest
from pydantic import ValidationError

from plan.known import moment
from plan.stay_events import DIED, HEARTBEAT, SELF_DISCHARGED, TYPES, Happened, StayEvent, by_hand, fold, told, too_late

ADMIT, PLAN = {"type": "admit"}, {"type": "plan_discharge", "planned_discharge": "2026-03-06T14:00:00Z"}


def happened(type_: str, when: str, id_: str = "", **body: Any) -> Happened:
    said = f"2026-03-{when}:00Z"
    at = moment(said)
    assert at is not None
    return Happened(id=id_ or f"{type_} {when}", type=type_, at=at, said=said, body=body)


def event(**said: Any) -> dict[str, Any]:
    base = {"id": "1", "occurred_at": "2026-03-02T10:00:00Z", "stay": "V1", "person": "p1"}
    return {name: value for name, value in {**base, **said}.items() if value is not None}


@pytest.mark.parametrize(
    "said",
    [
        {"type": "admit", "ward": "4B", "reason": {"text": "Fall"}, "planned_discharge": "2026-03-06"},
        {"type": "admit", "person": None, "nhs_number": "9000000009", "hospital": "RX1"},
        PLAN,
        {"type": "change_discharge", "planned_discharge": "2026-03-02", "pathway": 1},
        {"type": "transfer", "ward": "Rehab"},
        {"type": "discharge", "destination": {"text": "Home"}, "discharge_method": {"text": "On advice"}},
        {"type": "self_discharge"},
        {"type": "died"},
        {"type": "cancel_admission"},
        {"type": "cancel_discharge"},
        {"type": "heartbeat", "stay": None, "person": None},
    ],
)
def test_an_event_that_says_what_its_type_says_is_taken(said: dict[str, Any]):
    StayEvent.model_validate(event(**said))


@pytest.mark.parametrize(
    "said, place",
    [
        ({"type": "admitted"}, "type"),
        ({"type": "admit", "id": "with space"}, "id"),
        ({"type": "admit", "id": 7}, "id"),
        ({"type": "admit", "occurred_at": "2026-03-02"}, "occurred_at"),
        ({"type": "admit", "occurred_at": "yesterday"}, "occurred_at"),
        ({"type": "admit", "stay": None}, "stay"),
        ({"type": "admit", "person": None}, "person"),
        ({"type": "admit", "nhs_number": "9000000009"}, "nhs_number"),
        ({"type": "admit", "pathway": 4}, "pathway"),
        ({"type": "admit", "discharge_method": {"text": "Home"}}, "discharge_method"),
        ({"type": "died", "ward": "4B"}, "ward"),
        ({"type": "transfer"}, "ward"),
        ({"type": "plan_discharge"}, "planned_discharge"),
        ({"type": "change_discharge", "planned_discharge": "2026-03-01"}, "planned_discharge"),
        ({"type": "heartbeat", "person": None}, "stay"),
        ({"type": "admit", "colour": "red"}, "colour"),
    ],
)
def test_an_event_that_says_anything_else_is_refused_at_its_place(said: dict[str, Any], place: str):
    with pytest.raises(ValidationError) as refused:
        StayEvent.model_validate(event(**said))
    assert refused.value.errors()[0]["loc"][-1] == place


WHOLE = [
    happened("admit", "02T10:00", ward="4B"),
    happened("plan_discharge", "04T14:00", planned_discharge="2026-03-06T14:00:00Z", pathway=1),
    happened("transfer", "05T09:00", ward="Rehab"),
    happened("change_discharge", "05T15:00", planned_discharge="2026-03-07T11:00:00Z"),
]
WHOLE_TOLD = {
    "status": "in_hospital",
    "admitted": "2026-03-02T10:00:00Z",
    "planned_discharge": "2026-03-07T11:00:00Z",
    "pathway": 1,
    "ward": "Rehab",
}


@pytest.mark.parametrize(
    "more, differs",
    [
        ([], {}),
        (
            [happened("discharge", "07T11:20", destination={"text": "Home"})],
            {"status": "finished", "discharged": "2026-03-07T11:20:00Z", "destination": {"text": "Home"}},
        ),
        (
            [happened("died", "06T03:00")],
            {"status": "finished", "discharged": "2026-03-06T03:00:00Z", "discharge_method": dict(DIED)},
        ),
        (
            [happened("self_discharge", "06T03:00")],
            {"status": "finished", "discharged": "2026-03-06T03:00:00Z", "discharge_method": dict(SELF_DISCHARGED)},
        ),
        ([happened("cancel_admission", "05T16:00")], {"status": "cancelled"}),
        ([happened("cancel_discharge", "05T16:00")], {"planned_discharge": None, "pathway": None}),
        (
            [happened("discharge", "06T11:20"), happened("cancel_discharge", "06T12:00")],
            {"planned_discharge": None, "pathway": None},
        ),
        ([happened("transfer", "03T09:00", ward="Late news")], {}),
        (
            [happened("discharge", "06T11:20"), happened("admit", "06T18:00")],
            {"admitted": "2026-03-06T18:00:00Z", "planned_discharge": None, "pathway": None},
        ),
    ],
)
def test_the_newest_event_that_speaks_of_a_fact_decides_it(more: list[Happened], differs: dict[str, Any]):
    wanted = {name: value for name, value in {**WHOLE_TOLD, **differs}.items() if value is not None}
    assert told(fold([*more, *WHOLE])) == wanted


def test_each_fact_has_the_time_and_the_event_that_set_it():
    facts = fold(WHOLE)
    assert (facts["ward"].event, facts["ward"].at) == ("transfer 05T09:00", moment("2026-03-05T09:00:00Z"))
    assert facts["admitted"].event == "admit 02T10:00"


def test_of_two_events_of_one_moment_leaving_is_later_than_coming():
    both = [happened("discharge", "02T10:00"), happened("admit", "02T10:00")]
    assert told(fold(both)) == told(fold(both[::-1]))
    assert told(fold(both))["status"] == "finished"


def test_who_is_somewhere_and_nobody_said_how_it_began_is_there():
    assert told(fold([happened("transfer", "02T10:00", ward="4B")])) == {"status": "in_hospital", "ward": "4B"}


def drawn(chance: Random, n: int) -> Happened:
    """An event of any type, at one of few moments, so that many are of the same."""
    type_ = chance.choice([name for name in TYPES if name != HEARTBEAT])
    body: dict[str, Any] = {"ward": f"ward {n}"} if type_ in ("transfer", "admit") else {}
    if type_ in ("plan_discharge", "change_discharge"):
        body = {"planned_discharge": f"2026-03-{chance.randrange(10, 28)}", "pathway": chance.randrange(4)}
    return happened(type_, f"{chance.randrange(2, 9):02}T10:0{chance.randrange(3)}", str(n), **body)


def taken(events: list[Happened]) -> dict[str, Any]:
    """What a stay comes to whose events arrive in this order, some of them twice, some refused."""
    kept: dict[str, Happened] = {}
    for one in events:
        if one.id not in kept and not too_late(kept.values(), one):
            kept[one.id] = one
    return told(fold(kept.values()))


@pytest.mark.parametrize("seed", range(300))
def test_whatever_the_order_and_however_often_events_arrive_the_stay_is_the_same(seed: int):
    chance = Random(seed)
    events = [drawn(chance, n) for n in range(chance.randrange(1, 9))]
    wanted = told(fold(events))
    for _ in range(6):
        arriving = [*events, *chance.choices(events, k=chance.randrange(4))]
        chance.shuffle(arriving)
        assert taken(arriving) == wanted, [one.id for one in arriving]


@pytest.mark.parametrize("seed", range(100))
def test_a_late_older_event_never_changes_a_fact_that_a_newer_one_set(seed: int):
    chance = Random(seed)
    events = sorted((drawn(chance, n) for n in range(6)), key=lambda one: one.turn)
    late = events.pop(0)
    before, after = fold(events), fold([*events, late])
    assert all(after[name] == fact for name, fact in before.items())


def test_a_departure_before_a_known_admission_can_never_count():
    coming = happened("admit", "02T10:00")
    assert too_late([coming], happened("discharge", "02T09:00")) is coming
    assert too_late([coming], happened("died", "02T11:00")) is None
    assert too_late([coming], happened("transfer", "02T09:00", ward="4B")) is None


class TestByHand:
    BODY = told(fold(WHOLE))
    AT = WHOLE[-1].at + 60_000

    def test_what_nobody_changed_is_no_event(self):
        assert by_hand(WHOLE, self.BODY, "s/4", self.AT) is None

    def test_what_somebody_wrote_stands_against_older_events_and_yields_to_newer_ones(self):
        edit = by_hand(WHOLE, {**self.BODY, "ward": "Side room"}, "s/5", self.AT)
        assert edit is not None
        assert edit.body == {"ward": "Side room"}
        older, newer = happened("transfer", "05T15:00", ward="Old"), happened("transfer", "05T15:02", ward="New")
        assert told(fold([*WHOLE, edit, older]))["ward"] == "Side room"
        assert told(fold([*WHOLE, edit, newer]))["ward"] == "New"

    def test_what_somebody_took_out_does_not_come_back_by_an_older_event(self):
        edit = by_hand(WHOLE, {**self.BODY, "planned_discharge": None}, "s/5", self.AT)
        assert edit is not None
        assert "planned_discharge" not in told(fold([*WHOLE, edit]))

    def test_that_somebody_left_is_one_fact_with_how_and_when(self):
        gone = {**self.BODY, "status": "finished", "discharged": "2026-03-05T15:00:30Z"}
        edit = by_hand(WHOLE, gone, "s/5", self.AT)
        assert edit is not None
        assert set(edit.body) == {"status", "discharged", "discharge_method"}

    def test_a_stay_that_was_begun_by_hand_is_one_event_as_a_whole(self):
        edit = by_hand([], {"status": "planned", "ward": "4B"}, "s/1", 7)
        assert edit is not None
        assert told(fold([edit])) == {"status": "planned", "ward": "4B"}

    def test_it_is_the_last_of_all_that_was_known(self):
        edit = by_hand(WHOLE, {**self.BODY, "ward": "Side room"}, "s/5", 0)
        assert edit is not None
        assert edit.at == WHOLE[-1].at
        assert told(fold([edit, *WHOLE]))["ward"] == "Side room"
