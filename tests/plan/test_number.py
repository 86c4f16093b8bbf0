"""Numbers as text in order (plan.number)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.number import HIGHEST, LOWEST, before, key

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


@given(NUMBERS, NUMBERS)
def test_before_a_number_is_after_all_that_is_less(one, other):
    assert before(key(one)) < key(one)
    assert (key(other) < before(key(one))) is (other < one)


@pytest.mark.parametrize("text", ["0", "1", "-1", "100", "99.5", "-0.001", "1e300"])
def test_before_a_number_nothing_fits_in(text):
    number = Decimal(text)
    for less in (number - Decimal("1e-20"), number - 1):
        assert (key(less) < before(key(number))) is (less < number)
