"""Candidates for a match: the finding of several searches, among the people whom the permit shows and no others.

They are compared inside the service; the audit names those whom the answer shows.
"""

from collections.abc import Iterable

from auth.access import Permit
from db import search
from db.engine import Database
from db.store import Hit
from plan.query import Query


async def candidates(database: Database, permit: Permit, now: int, queries: Iterable[Query]) -> list[Hit]:
    """Whatever any of the searches finds, each once; each search brings as many as it counts at most."""
    found: dict[str, Hit] = {}
    for query in queries:
        sql, values = search.statement(query, permit, now, prefix="", face="fhir")
        rows = (await database.rows(sql, values))[: query.count]
        found |= {row[2]: Hit(*row[:8]) for row in rows}
    return list(found.values())
