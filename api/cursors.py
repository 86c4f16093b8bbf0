"""Cursors: where a page ended, as text that a client hands back unread.

A cursor is no leave and holds no content: whoever brings one sees what they would see by asking anew.
"""

from base64 import b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping

from fhir_facade import exact
from plan.model import Json
from plan.problem import Fault, Problem, Trouble

LAST_MOMENT = 253_402_300_799_999
"""The end of the year 9999, in milliseconds since 1970 UTC: the largest number that a cursor holds."""
_LONGEST = 1000
_LONGEST_TEXT = 255


def made(**said: int | str) -> str:
    """The cursor that says this."""
    return urlsafe_b64encode(exact.dumps(said)).rstrip(b"=").decode()


def read(text: str, shape: Mapping[str, type]) -> dict[str, Json]:
    """What a cursor says, when it has exactly the members of `shape` (`int` or `str`). Raises BAD_VALUE."""
    try:
        said = exact.loads(_plain(text))
    except (Problem, Error, ValueError):
        said = None
    if not isinstance(said, dict) or said.keys() != shape.keys():
        raise _none_of_ours()
    if not all(type(said[name]) is kind and _bounded(said[name]) for name, kind in shape.items()):
        raise _none_of_ours()
    return said


def _plain(text: str) -> bytes:
    if len(text) > _LONGEST or not text.isascii():
        raise ValueError(text)
    return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _bounded(value: int | str) -> bool:
    return len(value) <= _LONGEST_TEXT if isinstance(value, str) else 0 <= value <= LAST_MOMENT


def _none_of_ours() -> Problem:
    what = "the cursor is none that was given out"
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend="Send a cursor exactly as it was given, or none."),))
