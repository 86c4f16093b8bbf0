"""JSON read and written to the digit: `0.40` stays `0.40`, and what is not JSON is refused with a sentence.

FHIR R4 `json.html` and RFC 8259 section 4 ask more than the common parsers check: no duplicate keys, no NaN, no lone
surrogates, a bounded depth. Numbers keep the text that the client wrote, because precision means something in FHIR.
"""

import json
import re
from decimal import Decimal
from typing import Any, NoReturn, Self

import orjson

from plan.problem import Fault, Problem, Trouble

MAX_DEPTH = 64
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SAFE_INT_DIGITS = 18
_MAX_NUMBER_LENGTH = 100
_MAX_EXPONENT = 308


class Number(Decimal):
    """A number that remembers how it was written."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        if len(text) > _MAX_NUMBER_LENGTH or abs(made.adjusted()) > _MAX_EXPONENT:
            raise ValueError(f"the number {text[:20]}... is larger, smaller or longer than a number may be")
        made.text = text
        return made

    def __deepcopy__(self, memo: object) -> Self:
        return self


def loads(raw: bytes) -> Any:
    """The JSON value in `raw` (UTF-8, a byte order mark is allowed), with `Number` for every fraction.

    Raises Problem(MALFORMED) for anything that is not JSON, and for duplicate keys, NaN, infinity, lone surrogates,
    NUL characters and nesting deeper than 64.
    """
    text = _decoded(raw)
    _bounded(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        _malformed(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}", "Send one JSON value.")
    except ValueError as error:
        _malformed(str(error), "Write the number shorter.")
    if _SURROGATE.search(text):
        _paired(value)
    return value


def stored(text: str) -> Any:
    """The JSON value in text that `dumps` wrote: what was checked on the way in is not checked again."""
    return _DECODER.decode(text)


def dumps(value: Any) -> bytes:
    """`value` as compact JSON, numbers as they were written."""
    return orjson.dumps(value, default=_raw)


def pretty(value: Any) -> bytes:
    """`value` as JSON for a reader: a line for each member, numbers as they were written."""
    return orjson.dumps(value, default=_raw, option=orjson.OPT_INDENT_2)


def text(value: Any) -> str:
    """`value` as compact JSON text."""
    return dumps(value).decode()


def _decoded(raw: bytes) -> str:
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _malformed(f"not UTF-8: byte {error.start} cannot be read", "Send the body in UTF-8.")
    if not decoded.strip():
        _malformed("the body is empty", "Send one JSON value.")
    if "\\u0000" in decoded or "\x00" in decoded:
        _malformed("a NUL character stands in the body", "Leave NUL characters out.")
    return decoded


def _bounded(decoded: str) -> None:
    if decoded.count("{") + decoded.count("[") <= MAX_DEPTH:
        return
    depth = 0
    for char in re.findall(r"[\[\]{}]", _STRING.sub("", decoded)):
        depth += 1 if char in "[{" else -1
        if depth > MAX_DEPTH:
            _malformed(f"nested deeper than {MAX_DEPTH}", "Send a flatter body.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        _malformed(f"the name {twice!r} stands twice in one object", "Name each member once.")
    return made


def _int(digits: str) -> int | Number:
    return int(digits) if len(digits) < _SAFE_INT_DIGITS and digits != "-0" else Number(digits)


def _constant(name: str) -> NoReturn:
    _malformed(f"{name} is not a JSON number", "Leave the value out.")


def _paired(value: Any) -> None:
    """Refuse lone surrogates wherever they stand, names included."""
    try:
        orjson.dumps(value, default=_raw)
    except (TypeError, orjson.JSONEncodeError):
        _malformed("half of a surrogate pair stands alone", "Escape characters as whole pairs.")


def _raw(value: Any) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text.encode())
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value, "f").encode())
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _malformed(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.MALFORMED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


_DECODER = json.JSONDecoder(
    parse_float=Number, parse_int=_int, parse_constant=_constant, object_pairs_hook=_object, strict=True
)
