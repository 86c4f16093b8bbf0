"""Rows put straight into tables: what a test does not speak of stands empty."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Integer

from db.tables import SCHEMA

_EMPTY: Mapping[type, Any] = {BigInteger: 0, Integer: 0, Boolean: False}


def row(table: str, **said: Any) -> list[Any]:
    """One row of a table, in the order of its columns; more may be said than the table has."""
    return [
        said.get(column.name, None if column.nullable else _EMPTY.get(type(column.type), ""))
        for column in SCHEMA.tables[table].columns
    ]


def rows(table: str, said: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    """Rows of a table."""
    return [row(table, **one) for one in said]
