"""What the address of a page asks for beside ids: one of a few choices, and which page of a long list."""

from collections.abc import Sequence
from typing import TypeVar

from api.pages.care.paged import Paged, paged
from api.pages.care.reader import Reader
from plan.problem import Fault, Problem, Trouble

Row = TypeVar("Row")


def chosen(reader: Reader, name: str, choices: Sequence[str], unsaid: str) -> str:
    """Which of some choices the address names. Raises BAD_VALUE for another."""
    said = reader.request.query_params.get(name, unsaid)
    if said not in choices:
        raise bad(f"{name} is none of the choices", f"The choices are: {', '.join(choices)}.")
    return said


def page_of(reader: Reader, rows: Sequence[Row], most: int) -> Paged[Row]:
    """The page of a list that the address names, `most` rows long. Raises BAD_VALUE for what is no page."""
    page = paged(reader.request, rows, most)
    if reader.request.query_params.get("page", "1").lstrip("0") != str(page.number):
        raise bad("there is no such page", f"The pages are 1 to {page.pages}.")
    return page


def bad(what: str, mend: str) -> Problem:
    """What is said of an address that asks for what there is not."""
    return Problem(Trouble.BAD_VALUE, what, (Fault(what, mend=mend),))
