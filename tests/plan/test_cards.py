"""The card of a plan: counts and severities, in at most 140 characters."""

import pytest

from plan.attention import KINDS_SHOWN, SEVERITIES
from plan.cards import Counted, card

CARDS = {
    (): None,
    (("ask", "high"), ("ask", "medium")): ("2 unacknowledged social-care concerns", "warning", "1 high, 1 medium"),
    (("ask", "critical"),): ("1 unacknowledged social-care concern", "critical", "1 critical"),
    (("finding", "medium"),): ("1 contradiction in the plan", "info", "1 medium"),
    (("review", "low"), ("flag", "low")): ("2 other things to do", "info", "2 low"),
    (("task", "low"), ("finding", "high"), ("ask", "low"), ("finding", "high")): (
        "1 unacknowledged social-care concern, 2 contradictions in the plan, 1 other thing to do",
        "warning",
        "2 high, 2 low",
    ),
}


@pytest.mark.parametrize("items", CARDS)
def test_what_needs_somebody_is_counted(items: tuple[tuple[str, str], ...]) -> None:
    expected = CARDS[items]
    made = card(items)
    assert made == (expected and Counted(expected[0], expected[1], f"By severity: {expected[2]}."))


def test_the_longest_summary_is_short_enough_for_every_record_system() -> None:
    made = card([(kind, level) for kind in KINDS_SHOWN for level in SEVERITIES] * 2000)
    assert made is not None
    assert len(made.summary) < 140
