"""One page of a long list, by its number in the address; what is none is the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from starlette.requests import Request

One = TypeVar("One")
LENGTH = 20


@dataclass(frozen=True, slots=True)
class Paged(Generic[One]):
    """A page. `before` and `after`: the addresses of its neighbours, empty where there are none."""

    items: Sequence[One]
    number: int
    pages: int
    before: str
    after: str


def paged(request: Request, all_: Sequence[One], length: int = LENGTH) -> Paged[One]:
    """The page that is asked for; the last one when there are fewer."""
    said = request.query_params.get("page", "")
    pages = max(1, -(-len(all_) // length))
    number = min(max(int(said), 1), pages) if said.isascii() and said.isdigit() and len(said) < 7 else 1  # noqa: PLR2004
    kept: dict[str, Any] = {name: value for name, value in request.query_params.items() if name != "page"}

    def at(page: int) -> str:
        return f"?{urlencode(kept | {'page': page})}" if 1 <= page <= pages else ""

    return Paged(all_[(number - 1) * length : number * length], number, pages, at(number - 1), at(number + 1))
