"""Numbers as text in order (plan.number)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.number import HIGHEST, LOWEST, key

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e300"), max_value=Decimal("1e300"))


@given(NUMBERS, NUMBERS)
def test_keys_stand_in_the_order_of_the_numbers(one, other):
    assert (key(one) < key(other)) is (one < other)
    assert (key(one) == key(other)) is (one == other)


@given(NUMBERS)
def test_every_key_lies_between_the_open_ends(number):
    assert LOWEST < key(number) < HIGHEST


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e5000", "1e-5000"])
def test_what_cannot_be_compared_is_refused(text):
    with pytest.raises(ValueError, match="be compared"):
        key(Decimal(text))
