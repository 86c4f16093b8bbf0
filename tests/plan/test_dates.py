"""Which of two dates comes first, as far as they are known (plan.dates)."""

import pytest

from plan.dates import order


@pytest.mark.parametrize(
    "one,other,which",
    [
        ("2026-03-01", "2026-03-02", -1),
        ("2026-03-02", "2026-03-01", 1),
        ("2026-03-01", "2026-03-01", 0),
        ("2026-03", "2026-03-15", None),
        ("2025", "2026-03-15", -1),
        ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00+01:00", 1),
        ("2026-03-01T23:00:00Z", "2026-03-01", None),
        ("2026-03-01T23:00:00Z", "2026-03-02", None),
        ("2026-03-01T23:00:00Z", "2026-03-03", -1),
        ("soon", "later", 1),
        ("later", "soon", -1),
    ],
)
def test_which_comes_first(one, other, which):
    assert order(one, other) == which
