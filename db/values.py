"""One searched value as SQL on its row of the index. The row stands under the alias `s`, whatever its table.

FHIR R4 search.html 3.1.1.4: what each family compares, and how a range must lie to the range that was asked for.
"""

from collections.abc import Callable

from db.sight import Sql
from plan.query import Amount, Chain, Condition, Point, Prefix, Text, Token, Value, When

LAST = chr(0x10FFFF)
"""Sorts after every character that text may hold."""
NOTHING: Sql = ("1 = 0", ())
EVERYTHING: Sql = ("1 = 1", ())

_FAMILIES: dict[type[Value], str] = {
    Token: "token",
    Point: "reference",
    Text: "string",
    When: "date",
    Amount: "number",
    Chain: "reference",
}
_RANGES: dict[Prefix, tuple[str, str]] = {
    "eq": ("s.low >= ? and s.high <= ?", "lh"),
    "ne": ("not (s.low >= ? and s.high <= ?)", "lh"),
    "gt": ("s.high > ?", "h"),
    "lt": ("s.low < ?", "l"),
    "ge": ("(s.high > ? or (s.low >= ? and s.high <= ?))", "hlh"),
    "le": ("(s.low < ? or (s.low >= ? and s.high <= ?))", "llh"),
    "sa": ("s.low > ?", "h"),
    "eb": ("s.high < ?", "l"),
    "ap": ("s.low <= ? and s.high >= ?", "hl"),
}
"""What each prefix compares, and with which end of what was asked for."""


def table(condition: Condition) -> str:
    """The table of the index that a condition looks into."""
    family = condition.family or _FAMILIES[type(condition.any_of[0])]
    return f"search_{family}"


def test(value: Value) -> Sql:
    """What must hold of the row `s` so that it is this value."""
    return _TESTS[type(value)](value)


def on_column(column: str, value: Value) -> Sql:
    """A value that is compared with a column of the entry itself: its id, or when it was changed."""
    if isinstance(value, When):
        sql, values = _when(value)
        return sql.replace("s.low", column).replace("s.high", column), values
    return f"{column} = ?", (value.code if isinstance(value, Token) else "",)


def marks(values: tuple[object, ...]) -> str:
    """As many `?` as there are values."""
    return ", ".join("?" * len(values))


def joined(parts: list[Sql], word: str = " and ") -> Sql:
    """Pieces of a statement as one, their values in the same order."""
    return word.join(sql for sql, _ in parts), tuple(value for _, values in parts for value in values)


def _token(value: Value) -> Sql:
    assert isinstance(value, Token)
    parts: list[Sql] = []
    if value.code is not None:
        parts.append(("s.code = ?", (value.code,)))
    if value.system is not None:
        parts.append(("s.system = ?", (value.system,)))
    return joined(parts) if parts else EVERYTHING


def _point(value: Value) -> Sql:
    assert isinstance(value, Point)
    if value.type is None:
        return "s.code = ?", (value.id,)
    return "s.code = ? and s.system = ?", (value.id, value.type)


def _text(value: Value) -> Sql:
    """Text by its beginning is a stretch of the index on every database; a piece of it is looked for row by row."""
    assert isinstance(value, Text)
    text = value.text
    if value.match == "starts":
        return "s.code >= ? and s.code < ?", (text, text + LAST)
    if value.match == "contains":
        # Neither LIKE, which knows no upper and lower case on SQLite, nor a function that only one of the two has.
        return "replace(s.code, ?, '') <> s.code", (text,)
    if value.match == "below":
        step = text if text.endswith("/") else f"{text}/"
        return "s.code = ? or (s.code >= ? and s.code < ?)", (text, step, step + LAST)
    paths = tuple(_above(text)) if value.match == "above" else (text,)
    return f"s.code in ({marks(paths)})", paths


def _above(text: str) -> list[str]:
    """A uri and every beginning of it that ends at a step of its path, with and without the slash."""
    start = text.find("://") + 3 if "://" in text else 0
    steps = [at for at, char in enumerate(text) if char == "/" and at >= start]
    return list(dict.fromkeys([text, *(text[:end] for at in steps for end in (at, at + 1) if end)]))


def _when(value: Value) -> Sql:
    assert isinstance(value, When)
    return _range(value.prefix, value.low, value.high)


def _amount(value: Value) -> Sql:
    assert isinstance(value, Amount)
    units = [(f"s.{name} = ?", (said,)) for name in ("system", "code") if (said := getattr(value, name)) is not None]
    return joined([*units, _range(value.prefix, value.low, value.high)])


def _range(prefix: Prefix, low: object, high: object) -> Sql:
    sql, ends = _RANGES[prefix]
    return sql, tuple(low if end == "l" else high for end in ends)


_TESTS: dict[type[Value], Callable[[Value], Sql]] = {
    Token: _token,
    Point: _point,
    Text: _text,
    When: _when,
    Amount: _amount,
}
