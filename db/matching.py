"""Candidates for a match: the finding of several searches, among the people whom the permit shows and no others.

They are compared inside the service; the audit names those whom the answer shows.
"""

from collections.abc import Iterable

from db import search
from db.engine import Database
from db.searching import Hit
from db.sight import Look, who
from plan.query import Query


async def candidates(database: Database, look: Look, queries: Iterable[Query]) -> list[Hit]:
    """Whatever any of the searches finds, each once; each search brings as many as it counts at most."""
    found: dict[str, Hit] = {}
    for query in queries:
        sql, values = search.statement(look, query, "fhir")
        found_ = await database.rows(sql, values, limit=search.PAGE_SECONDS, who=who(look.permit, look.now))
        rows = found_[: query.count]
        found |= {row[2]: Hit(*row[:8]) for row in rows}
    return list(found.values())
