"""What lists over many people have in common: a page of them, what they can be narrowed to, and times in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from api.pages.care.reader import Reader
from api.pages.care.wording import Wording
from plan.known import Known
from plan.model import PersonId


@dataclass(frozen=True, slots=True)
class Window:
    """Which of `count` a page shows: from `start` until before `end`. `before` and `after`: addresses, or empty."""

    count: int
    start: int
    end: int
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, reader: Reader, count: int, most: int) -> "Window":
        """The page that the address asks for; the last where there are not so many."""
        said = reader.request.query_params.get("page", "1")
        asked = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 1  # noqa: PLR2004
        last = max((count - 1) // most, 0)
        at = min(max(asked - 1, 0), last)
        before = _address(reader, at) if at else ""
        after = _address(reader, at + 2) if at < last else ""
        return cls(count, at * most, min((at + 1) * most, count), before, after)


def _address(reader: Reader, page: int) -> str:
    rest = [(name, value) for name, value in reader.request.query_params.multi_items() if name != "page" and value]
    return f"?{urlencode([*rest, ('page', str(page))])}"


def choices(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a list can be narrowed to: each value once, in the order of the words."""
    return sorted(dict(found).items(), key=lambda one: (one[1].casefold(), one[0]))


def wording(reader: Reader) -> Wording:
    """Times in words, on a page that is about nobody."""
    return Wording(Known(person=PersonId(""), now=reader.now, entries={}))
