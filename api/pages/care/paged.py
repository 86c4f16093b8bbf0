"""One page of a long list, by its number in the address; what is none is the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

One = TypeVar("One")
LENGTH = 20


@dataclass(frozen=True, slots=True)
class Paged(Generic[One]):
    """A page of a list of `count`, from `start` on. `before`, `after`: the addresses of its neighbours, or empty."""

    items: Sequence[One]
    count: int
    start: int
    number: int
    pages: int
    before: str
    after: str


def paged(request: Request, all_: Sequence[One], length: int = LENGTH) -> Paged[One]:
    """The page that is asked for; the last one when there are fewer."""
    said = request.query_params.get("page", "")
    pages = max(1, -(-len(all_) // length))
    number = min(max(int(said), 1), pages) if said.isascii() and said.isdigit() and len(said) < 7 else 1  # noqa: PLR2004
    start = (number - 1) * length
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page" and value]

    def at(page: int) -> str:
        return f"?{urlencode([*kept, ('page', page)])}" if 1 <= page <= pages else ""

    return Paged(all_[start : start + length], len(all_), start, number, pages, at(number - 1), at(number + 1))
