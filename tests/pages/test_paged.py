"""A page of a long list: which one an address asks for, and where its neighbours are."""

import pytest
from starlette.requests import Request

from api.pages.care.paged import paged

ALL = range(45)


def page(query: str):
    return paged(Request({"type": "http", "query_string": query.encode()}), ALL, 20)


@pytest.mark.parametrize(
    "asked, number",
    [("", 1), ("page=1", 1), ("page=2", 2), ("page=002", 2), ("page=3", 3), ("page=4", 3), ("page=999999", 3)]
    + [(f"page={said}", 1) for said in ("", "0", "-1", "x", "1.5", "²", "1000000", "9" * 5000)],
)
def test_what_is_no_page_is_the_first_and_beyond_the_last_is_the_last(asked, number):
    assert page(asked).number == number


@pytest.mark.parametrize("number, items", [(1, range(20)), (2, range(20, 40)), (3, range(40, 45))])
def test_a_page_says_where_it_stands_in_the_whole(number, items):
    found = page(f"page={number}")
    assert (found.items, found.start, found.count, found.pages) == (items, items.start, 45, 3)


def test_a_list_of_nothing_is_one_page():
    found = paged(Request({"type": "http", "query_string": b""}), range(0))
    assert (found.items, found.number, found.pages, found.before, found.after) == (range(0), 1, 1, "", "")


@pytest.mark.parametrize(
    "query, before, after",
    [
        ("", "", "?page=2"),
        ("page=3", "?page=2", ""),
        ("page=2&kind=goal&kind=need&estate=", "?kind=goal&kind=need&page=1", "?kind=goal&kind=need&page=3"),
    ],
)
def test_its_neighbours_keep_what_else_was_asked_for(query, before, after):
    found = page(query)
    assert (found.before, found.after) == (before, after)
