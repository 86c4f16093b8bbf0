"""The statistics of the measures against published numbers, and against a second computation in another way."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan import outcomes
from plan.outcomes import DAY, HALF, TENTH, Asked, Waited

# Newcombe RG. Two-sided confidence intervals for the single proportion. Stat Med 1998;17:857-72, table I, method 3.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# Freireich EJ and others, Blood 1963;21:699-716: weeks in remission of 21 children on 6-mercaptopurine and of 21 on
# placebo; + is censored. The curve and the medians are those of every textbook since Gehan, Biometrika 1965;52.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
CURVE = {6: "0.857", 7: "0.807", 10: "0.753", 13: "0.690", 16: "0.627", 22: "0.538", 23: "0.448"}

# T by formula of Kiresuk and Sherman 1968 where it can be told by heart: one goal moves T by ten a level; with equal
# weights n goals of sum s give 50 + 10 s / sqrt(0.7 n + 0.3 n n).
BY_HEART = [
    ([(1, -2)], 300),
    ([(1, -1)], 400),
    ([(7, 0)], 500),
    ([(3, 1)], 600),
    ([(10, 2)], 700),
    ([(1, 1), (1, 0)], 562),  # 10 / sqrt(2.6) = 6.20
    ([(1, 1), (1, 1), (1, 1)], 637),  # 30 / sqrt(4.8) = 13.69
    ([(5, -1), (5, -1), (5, -1)], 363),
    ([(1, 1), (1, 0), (1, 0), (1, 0)], 536),  # 10 / sqrt(7.6) = 3.63
    ([(1, 1), (1, 1), (1, 1), (1, 1), (1, 1)], 651),  # 50 / sqrt(11) = 15.08
]

GOALS = st.lists(st.tuples(st.integers(1, 10), st.integers(-2, 2)), min_size=1, max_size=12)
WAITS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=25)


def waits(text: str) -> list[Waited]:
    return [Waited(Fraction(word.rstrip("+")), not word.endswith("+")) for word in text.split()]


def scored(goals: list[tuple[int, int]]) -> int | None:
    sums = (sum(w for w, _ in goals), sum(w * w for w, _ in goals), sum(w * x for w, x in goals))
    return outcomes.attainment(len(goals), *sums)


@pytest.mark.parametrize("successes, total, low, high", NEWCOMBE)
def test_the_interval_of_wilson_is_as_newcombe_printed_it(successes, total, low, high):
    interval = outcomes.wilson(successes, total)
    assert interval
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_interval_of_all_reaches_one_and_nobody_has_none():
    interval = outcomes.wilson(20, 20)
    assert interval
    assert (round(interval.low, 4), interval.high) == (0.8389, 1.0)
    assert outcomes.wilson(0, 0) is None


@pytest.mark.parametrize("successes, total", [(3, 2), (-1, 2)])
def test_no_interval_for_more_than_all(successes, total):
    with pytest.raises(ValueError, match="at most all"):
        outcomes.wilson(successes, total)


@given(st.integers(1, 2000), st.data())
def test_both_ends_of_the_interval_solve_its_equation(total, data):
    successes = data.draw(st.integers(0, total))
    interval = outcomes.wilson(successes, total)
    assert interval
    share = successes / total
    assert 0 <= interval.low <= share <= interval.high <= 1
    for end in (interval.low, interval.high):
        # The score test: the distance from the share is z standard errors of the end itself.
        assert (share - end) ** 2 == pytest.approx(outcomes.Z95**2 * end * (1 - end) / total, abs=1e-12)


def test_the_curve_of_kaplan_and_meier_is_that_of_the_children_in_remission():
    curve = {int(time): outcomes.rounded(share, 3) for time, share in outcomes.survival(waits(TREATED))}
    assert curve == CURVE


def test_their_medians_are_23_and_8_weeks_and_a_tenth_was_never_left_on_treatment():
    assert outcomes.quantile(waits(TREATED), HALF) == 23
    assert outcomes.quantile(waits(PLACEBO), HALF) == 8
    assert outcomes.quantile(waits(TREATED), TENTH) is None
    assert outcomes.quantile(waits(PLACEBO), TENTH) == 17


def test_within_ten_weeks_a_quarter_relapsed_on_treatment():
    assert outcomes.rounded(outcomes.within(waits(TREATED), Fraction(10)), 3) == "0.247"
    assert outcomes.within(waits(TREATED), Fraction(5)) == 0
    assert outcomes.within([], Fraction(5)) == 0


@given(WAITS)
def test_the_curve_agrees_with_redistribution_to_the_right(drawn):
    """Efron 1967: each censored weight goes in equal parts to all who wait longer; what ended keeps its own."""
    ordered = sorted(drawn, key=lambda wait: (wait[0], not wait[1]))
    weights = [Fraction(1, len(ordered)) for _ in ordered]
    for place, (_, ended) in enumerate(ordered):
        later = len(ordered) - place - 1
        if not ended and later:
            for other in range(place + 1, len(ordered)):
                weights[other] += weights[place] / later
            weights[place] = Fraction(0)
    for time, share in outcomes.survival(Waited(Fraction(t), e) for t, e in drawn):
        gone = sum(w for w, (t, e) in zip(weights, ordered, strict=True) if e and t <= time)
        assert share == 1 - gone


def test_unanswered_is_censored_never_dropped():
    quick = [Asked(sent=0, due=100, answered=50, seen=1000)] * 2
    silent = [Asked(sent=0, due=100, answered=None, seen=1000)] * 3
    found = outcomes.answered(quick + silent)
    assert (found.asked, found.unanswered) == (5, 3)
    assert found.median is None
    assert found.inside == Fraction(2, 5)


def test_an_answer_after_the_look_is_none_yet():
    found = outcomes.answered([Asked(sent=0, due=100, answered=50, seen=40)])
    assert (found.unanswered, found.median) == (1, None)
    assert found.inside == 0


def test_each_question_is_held_against_its_own_clock():
    late = Asked(sent=0, due=100, answered=150, seen=1000)
    in_time = Asked(sent=0, due=200, answered=150, seen=1000)
    at_the_moment = Asked(sent=0, due=150, answered=150, seen=1000)
    found = outcomes.answered([late, in_time, at_the_moment])
    assert (found.median, found.p90, found.inside) == (150, 150, Fraction(2, 3))


def test_a_clock_that_is_over_before_it_began_divides_nothing_by_nothing():
    assert outcomes.answered([Asked(sent=10, due=10, answered=5, seen=20)]).inside == 1


@pytest.mark.parametrize("goals, tenths", BY_HEART)
def test_the_t_score_is_that_of_kiresuk_and_sherman(goals, tenths):
    assert scored(goals) == tenths


@given(GOALS)
def test_the_t_score_is_exact_in_its_rounding(goals):
    with localcontext() as context:
        context.prec = 60
        total = sum(w for w, _ in goals)
        below = (Decimal("0.7") * sum(w * w for w, _ in goals) + Decimal("0.3") * total * total).sqrt()
        away = 10 * sum(w * x for w, x in goals) / below
        assert scored(goals) == 500 + int((10 * away).to_integral_value(ROUND_HALF_UP))


def test_no_t_score_without_a_goal_that_weighs():
    assert scored([]) is None
    assert outcomes.attainment(2, 0, 0, 0) is None


@pytest.mark.parametrize("number, told", [(0, 0), (1, None), (4, None), (5, 5), (800, 800)])
def test_one_to_four_are_not_told(number, told):
    assert outcomes.shown(number) == told


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20))), st.integers(0, 40), st.integers(0, 40))
def test_person_days_are_counted_once_however_often_they_are_covered(drawn, start, length):
    spans = [(low, low + much) for low, much in drawn]
    one_by_one = {moment for low, high in spans for moment in range(low, high) if start <= moment < start + length}
    assert outcomes.covered(spans, start, start + length) == len(one_by_one)


def test_a_person_day_has_twenty_four_hours():
    assert outcomes.days(36 * 3_600_000) == Fraction(3, 2)
    assert outcomes.days(DAY) == 1


@pytest.mark.parametrize(
    "number, places, text",
    [
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(7, 2), 0, "4"),
        (Fraction(12), 1, "12.0"),
    ],
)
def test_halves_are_rounded_away_from_nought(number, places, text):
    assert outcomes.rounded(number, places) == text


HOUR = 3_600_000


def test_a_curve_is_told_at_fixed_hours_as_far_as_anybody_was_waited_for():
    took = [outcomes.Waited(Fraction(hours * HOUR), ended) for hours, ended in ((1, True), (3, True), (5, False))]
    found = [(step.hours, step.left, step.ended) for step in outcomes.curve(took)]
    assert found == [(1, Fraction(2, 3), 1), (2, Fraction(2, 3), 1), (4, Fraction(1, 3), 2)]
    assert outcomes.curve([]) == []


def test_a_curve_ends_when_nobody_waits_any_more():
    took = [outcomes.Waited(Fraction(HOUR), ended=True), outcomes.Waited(Fraction(3 * HOUR), ended=True)]
    assert [(step.hours, step.left) for step in outcomes.curve(took)] == [
        (1, Fraction(1, 2)),
        (2, Fraction(1, 2)),
        (4, Fraction(0)),
    ]


@pytest.mark.parametrize(
    "ended, total, kept",
    [
        ((0, 4, 5), 10, [0, 5]),  # four could be recognised
        ((5, 9, 10), 10, [5, 10]),  # nine leave one
        ((5, 5), 10, [5, 5]),
        ((6,), 10, []),  # so do six: four are left
    ],
)
def test_a_step_that_a_few_made_or_left_is_not_told(ended, total, kept):
    steps = [outcomes.Step(hours, Fraction(1, 2), count) for hours, count in enumerate(ended)]
    assert [step.ended for step in outcomes.thinned(steps, total, 5)] == kept
    assert outcomes.thinned(steps, total, 0) == steps
