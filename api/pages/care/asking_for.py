"""What the address of a page asks for beside ids: one of a few choices, and which page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from api.pages.care.reader import Reader
from plan.problem import Fault, Problem, Trouble

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """One page of a list. `earlier`, `later`: the numbers of the pages beside it; 0 for none."""

    items: Sequence[Row]
    whole: int
    number: int
    last: int

    @property
    def before(self) -> int:
        """The page before this one."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The page after this one."""
        return self.number + 1 if self.number < self.last else 0


def chosen(reader: Reader, name: str, choices: Sequence[str], unsaid: str) -> str:
    """Which of some choices the address names. Raises BAD_VALUE for another."""
    said = reader.request.query_params.get(name, unsaid)
    if said not in choices:
        raise bad(f"{name} is none of the choices", f"The choices are: {', '.join(choices)}.")
    return said


def page_of(reader: Reader, rows: Sequence[Row], most: int) -> Rows[Row]:
    """The page of a list that the address names, `most` rows long. Raises BAD_VALUE for what is no page."""
    said = reader.request.query_params.get("page", "1")
    last = max(-(-len(rows) // most), 1)
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:6]) <= last):
        raise bad("there is no such page", f"The pages are 1 to {last}.")
    number = int(said)
    return Rows(rows[(number - 1) * most : number * most], len(rows), number, last)


def bad(what: str, mend: str) -> Problem:
    """What is said of an address that asks for what there is not."""
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
