"""The table of signs: no code stands twice, and each is one that SNOMED CT could have given out."""

import pytest

from plan.signs import SIGNS, SNOMED, concern

_TIMES = [[(a + b) % 5 + (5 if (a < 5) != (b < 5) else 0) for b in range(10)] for a in range(10)]
for _a in range(5, 10):
    _TIMES[_a] = [(_a - b) % 5 + 5 if b < 5 else (_a - b) % 5 for b in range(10)]
_FIRST = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def has_its_check_digit(code: str) -> bool:
    """Verhoeff's check, as SNOMED CT identifiers carry it (SNOMED CT Release File Specification, SCTID)."""
    places = [list(range(10))]
    for _ in range(7):
        places.append([places[-1][digit] for digit in _FIRST])
    check = 0
    for place, digit in enumerate(map(int, reversed(code))):
        check = _TIMES[check][places[place % 8][digit]]
    return check == 0


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.text)
def test_every_code_carries_its_check_digit(sign):
    assert has_its_check_digit(sign.code)
    assert concern(sign.code) == {"text": sign.text, "system": SNOMED, "code": sign.code}


def test_a_digit_that_is_wrong_is_seen():
    assert not has_its_check_digit("267036008")


def test_no_code_and_no_words_stand_twice():
    assert len({sign.code for sign in SIGNS}) == len({sign.text for sign in SIGNS}) == len(SIGNS)


def test_what_is_not_in_the_table_is_no_sign():
    assert concern("1") is None
