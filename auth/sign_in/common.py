"""The passwords that are tried first: the commonest patterns of at least twelve characters, in our own list.

It is small on purpose: shorter ones are refused by their length anyway (NIST SP 800-63B-4 section 3.1.1.2).
"""

_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijkl", "0987654321")
_WORDS = (
    "password", "welcome", "letmein", "qwerty", "iloveyou", "monkey", "dragon", "football", "sunshine", "princess",
    "changeme", "admin", "administrator", "secret", "liverpool", "arsenal", "chelsea", "winter", "summer", "spring",
    "autumn", "oneplan", "careplan", "hospital", "council", "nurse", "doctor", "socialworker",
)  # fmt: skip
_TAILS = ("", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "!", "1!",
          "123!", *(str(year) for year in range(1990, 2031)), *(f"{year}!" for year in range(1990, 2031)))  # fmt: skip

DEMONSTRATION = "larch court is made up"
"""The one password of all made-up people (README.md). Nobody else may choose it, and production never takes it."""

COMMON = frozenset(
    {word + tail for word in _WORDS for tail in _TAILS}
    | {word * times for word in _WORDS for times in (2, 3)}
    | {(row * 13)[start : start + length] for row in _ROWS for start in range(len(row)) for length in range(12, 25)}
    | {"1q2w3e4r5t6y", "qazwsxedcrfv", "q1w2e3r4t5y6", "passwordpassw0rd", "p@ssw0rd1234", "correcthorsebatterystaple"}
    | {DEMONSTRATION.replace(" ", "")}
)
"""Folded to small letters, without spaces."""
