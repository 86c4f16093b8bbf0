"""How a figure is made of what was counted, and what of it is told."""

import pytest

from db.measures import QUESTIONS
from plan.measures import MEASURES, Figure, Tally, figures

HOME = {"estate": "1", "hospital": "RX1"}


def _one(name: str, group: dict[str, str], fewest: int = 0, **counts: int) -> Figure:
    found = figures(MEASURES[name], [Tally(group=group, counts=counts)], fewest=fewest)
    assert len(found) == 1
    return found[0]


def test_every_measure_says_what_it_counts_and_what_keeps_it_honest():
    assert MEASURES.keys() == QUESTIONS.keys()
    for row in MEASURES.values():
        assert all((row.title, row.definition, row.unit, row.by, row.guard, row.source))


def test_groups_that_differ_only_in_what_is_not_told_are_one_figure():
    rows = [Tally(group={**HOME, "gate": gate}, counts={"total": 4, "count": 1}) for gate in ("ready", "unknown")]
    found = figures(MEASURES["ready_at_departure"], rows)
    assert [(one.group, one.total, one.count, one.value) for one in found] == [(HOME, 8, 2, "0.2500")]


@pytest.mark.parametrize(
    "total, count, told",
    [
        (4, 0, False),
        (5, 0, True),
        (5, 5, True),
        (20, 4, False),
        (20, 5, True),
        (20, 16, False),  # four are left, and could be recognised
        (20, 15, True),
    ],
)
def test_a_few_are_not_told_nor_the_few_who_are_left(total, count, told):
    one = _one("ready_at_departure", HOME, fewest=5, total=total, count=count, overrides=0)
    assert one.suppressed is not told
    assert (one.total is not None, bool(one.value), bool(one.low), bool(one.more)) == (told, told, told, told)


def test_a_figure_without_a_count_is_suppressed_by_its_total():
    assert _one("contradiction_days", {"estate": "1"}, fewest=5, people=4, covered=1).suppressed
    assert not _one("contradiction_days", {"estate": "1"}, fewest=5, people=5, covered=1).suppressed


def test_what_else_was_counted_is_added_up_beside_it():
    one = _one("failed_discharges", {"month": "2026-03", **HOME}, total=10, count=1, gate_ready=7, gate_unknown=3)
    assert one.more == {"gate_ready": "7", "gate_unknown": "3"}
    assert (one.low, one.high) == ("0.0179", "0.4042")


def test_person_days_are_told_in_days_and_as_a_share():
    one = _one("medical_input", {"estate": "1"}, people=2, covered=86_400_000, eligible=345_600_000)
    assert (one.total, one.value, one.more) == (2, "0.2500", {"days": "1.0", "days_eligible": "4.0"})
    assert _one("medical_input", {"estate": "1"}, people=0, covered=0, eligible=0).value == ""


def test_days_at_home_are_a_mean():
    assert _one("days_at_home", HOME, total=2, home=170 * 86_400_000).value == "85.0"


def test_goals_that_weigh_nothing_have_no_score():
    some = {"goals": 1, "weights": 0, "squares": 0, "weighted": 0, "own": 1, "people": 3}
    one = _one("goal_attainment", {"estate": "1"}, **some)
    assert (one.total, one.value, one.more["scored_by_the_person"]) == (0, "", "3")


def test_waits_say_what_was_not_reached():
    one = _one("interfaces", {"from": "A", "to": "B"}, took=10, clock=20, ended=0, count=3)
    assert (one.total, one.value) == (3, "0.0000")
    assert one.more == {"unanswered": "3", "median_hours": "", "p90_hours": ""}


def test_of_what_is_told_beside_a_figure_small_numbers_take_all_counts_with_them():
    parts = {"gate_ready": 7, "gate_not_ready": 10}
    seen = _one("failed_discharges", {"month": "2026-03", **HOME}, fewest=5, total=17, count=5, **parts)
    assert seen.more == {"gate_ready": "7", "gate_not_ready": "10"}
    parts["gate_unknown"] = 1
    hidden = _one("failed_discharges", {"month": "2026-03", **HOME}, fewest=5, total=18, count=5, **parts)
    assert hidden.more == {}
    assert (
        _one("failed_discharges", {"month": "2026-03", **HOME}, total=18, count=5, **parts).more["gate_unknown"] == "1"
    )


def test_waits_have_a_curve_without_the_steps_that_a_few_made():
    hour = 3_600_000
    rows = [
        Tally(group={}, counts={"clock": hour, "took": took * hour, "ended": 1, "count": count})
        for took, count in ((1, 2), (2, 4), (4, 6))
    ]
    [told] = figures(MEASURES["time_to_acknowledge"], rows, fewest=5)
    assert [(step.hours, step.ended) for step in told.curve] == [(2, 6), (4, 12)]
    [whole] = figures(MEASURES["time_to_acknowledge"], rows)
    assert [(step.hours, step.ended) for step in whole.curve] == [(1, 2), (2, 6), (4, 12)]
    assert told.more == {"unanswered": "0", "median_hours": "2.00", "p90_hours": "4.00"}
