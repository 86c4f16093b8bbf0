"""Way: one method of one address, and the ways of a shelf of entries; the table of them is api/rest/routes.py."""

from typing import Any, NamedTuple

from api.rest import entries
from api.rest.asked import MERGE_PATCH
from api.rest.entries import Handler
from api.rest.words import Words

PEOPLE = "/v1/people"
PERSON = f"{PEOPLE}/{{person}}"
PAGE = ("limit", "cursor")
"""How a list is asked for in pages."""


class Way(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    handler: Handler
    words: Words


def shelf(
    path: str, spot: entries.Spotted, tag: str, noun: str, schema: str, query: tuple[str, ...] = ()
) -> tuple[Way, ...]:
    """What can be done with the entries of one kind."""

    def words(verb: str, summary: str, answer: str = schema, **more: Any) -> Words:
        return Words(name=f"{verb}_{noun}", summary=summary, tag=tag, answer=answer, **more)

    one = f"{path}/{{entry}}"
    change: dict[str, Any] = {"changes": True, "keyed": True, "reasoned": True}
    put = words("replace", "The whole of it anew", body=schema, **change)
    patch = words("patch", "Parts of it anew (RFC 7396)", body=schema, media=MERGE_PATCH, **change)
    new = words("create", "A new one", body=schema, status=201, keyed=True, query=query)
    return (
        Way(
            "GET",
            path,
            entries.listing(spot),
            words("list", "All of them, oldest first", "Entries", query=query, known=True),
        ),
        Way("POST", path, entries.creating(spot), new),
        Way("GET", one, entries.reading(spot), words("read", "One of them", known=True)),
        Way("PUT", one, entries.replacing(spot), put),
        Way("PATCH", one, entries.patching(spot), patch),
        Way("DELETE", one, entries.removing(spot), words("delete", "Take it away", "", status=204, **change)),
    )
