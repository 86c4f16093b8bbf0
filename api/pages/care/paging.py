"""A long list in pages: `?page=2`, and where the pages before and after are."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

from api.pages.care.reader import Reader

One = TypeVar("One")
_MOST = 9999


class Paged(NamedTuple, Generic[One]):
    """A page of a list: what is on it, its number, how many there are, and the addresses of its neighbours."""

    items: Sequence[One]
    number: int
    pages: int
    before: str
    after: str


def paged(reader: Reader, items: Sequence[One], size: int) -> Paged[One]:
    """The page of a list that the address asks for; the last one where there are fewer."""
    said = reader.request.query_params.get("page", "1")
    asked = int(said) if said.isascii() and said.isdigit() and len(said) <= len(str(_MOST)) else 1
    pages = max(1, -(-len(items) // size))
    number = min(max(1, asked), pages)
    first = (number - 1) * size
    before = _at(reader, number - 1) if number > 1 else ""
    after = _at(reader, number + 1) if number < pages else ""
    return Paged(items[first : first + size], number, pages, before, after)


def _at(reader: Reader, number: int) -> str:
    return f"?{reader.request.url.include_query_params(page=number).query}"
