"""Who looked: the access log of a person in plain words, for the person and for whoever checks it."""

from starlette.responses import Response

from api.pages.care.reader import Reader
from api.pages.care.ways import Way


async def show(reader: Reader) -> Response:
    """A page of the log, the newest first."""
    cursor = reader.request.query_params.get("cursor", "")
    query = {"limit": "50"} | ({"cursor": cursor} if cursor else {})
    log = (await reader.ask("GET", f"/v1/people/{reader.person}/access-log", query=query)).body
    return reader.page("care/looked.html", await reader.known(), log=log)


WAYS = (Way("/people/{person}/looked", show),)
