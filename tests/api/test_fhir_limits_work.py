"""What a request may cost: few statements, each bounded in time and in values; and a page is a place, not a leave.

Counted rather than timed, so that a slow machine says nothing and a loop of statements does.
"""

import pytest

from db import search
from db.searching import INCLUDE_SECONDS
from plan.problem import Trouble
from tests.support.deeds import refused
from tests.support.limits import BASES
from tests.support.r4 import R4, bundled, created, entry, goal, ids, task

HEAVY = [
    "Goal?_sort=-_lastUpdated,start-date,lifecycle-status,_id,target-date&_total=accurate&_count=1000",
    "Goal?lifecycle-status:not=" + ",".join(f"s{n}" for n in range(100)),
    "Task?" + "&".join(f"code:not=urn:x|{n}" for n in range(28)),
    "Task?focus:Goal.patient.name=a&patient.name:contains=b&_has:Task:focus:status=requested",
    "CarePlan?part-of.part-of.part-of.status=active",
    "Patient?_has:Task:patient:_has:Task:focus:status=requested",
    "Patient?name:contains=e&address:contains=a&_sort=name,-birthdate&_total=accurate",
    "Observation?code-value-quantity=" + ",".join(f"urn:x|c$gt{n}" for n in range(50)),
    "?_lastUpdated=ge1900&_count=1000&_total=accurate",
    "?_tag:not=urn:x|y&_sort=_id",
]
BROAD = [
    "Patient?_revinclude:iterate=Task:focus&_revinclude=Goal:patient&_revinclude=Task:patient&_include:iterate=Task:*",
    "Task?_include=*&_include:iterate=Goal:*&_revinclude:iterate=Task:focus&_revinclude:iterate=Task:part-of",
    "Task?" + "&".join(["_include:iterate=Task:focus", "_revinclude:iterate=Task:focus"] * 10),
]
MOST_VALUES = 32_766
"""What SQLite takes in one statement; PostgreSQL takes one more."""


class Ledger:
    """The statements of a database, counted, each with its bound."""

    def __init__(self, database, monkeypatch):
        self.limits, self.values = [], []
        for name in ("rows", "noted"):
            monkeypatch.setattr(database, name, self._watched(getattr(database, name)))

    def _watched(self, do):
        async def watched(sql, values=(), *args, limit=None, **more):
            self.limits.append(limit)
            self.values.append(len(values))
            return await do(sql, values, *args, limit=limit, **more)

        return watched


@pytest.fixture
async def person(world, client):
    person = await world.person(client)
    for n in range(6):
        made = await created(client, goal(person, f"Goal {n}"))
        await created(client, task(person, focus={"reference": f"Goal/{made['id']}"}))
    return person


@pytest.mark.parametrize("base", BASES.values())
async def test_a_search_is_two_statements_and_each_is_bounded(world, client, person, base, monkeypatch):
    for search_ in HEAVY:
        with monkeypatch.context() as patched:
            ledger = Ledger(world.service.database, patched)
            answer = await client.get(f"{base}/{search_}".replace("/?", "?"))
        assert answer.status_code == 200, (search_, answer.text)
        assert len(ledger.limits) <= 2, search_
        assert all(limit is not None and 0 < limit <= search.PAGE_SECONDS for limit in ledger.limits), search_
        assert max(ledger.values) < MOST_VALUES, search_


@pytest.mark.parametrize("base", BASES.values())
async def test_what_comes_along_is_a_few_statements_more_however_much_is_asked_for(
    world, client, person, base, monkeypatch
):
    for search_ in BROAD:
        with monkeypatch.context() as patched:
            ledger = Ledger(world.service.database, patched)
            answer = await client.get(f"{base}/{search_}")
        assert answer.status_code == 200, (search_, answer.text)
        assert len(ledger.limits) <= 2 + 5, search_
        assert all(limit and limit <= max(search.PAGE_SECONDS, INCLUDE_SECONDS) for limit in ledger.limits), search_


async def test_a_statement_that_takes_too_long_is_given_up(world, client, person):
    endless = (
        "with recursive n (a) as (select 1 union all select a + 1 from n where a < 100000000) select count(*) from n"
    )
    await refused(world.database.rows(endless, limit=0.05), Trouble.TOO_COSTLY)
    assert (await client.get(f"{R4}/Goal?patient={person}")).status_code == 200


def next_of(bundle):
    return next((one["url"] for one in bundle["link"] if one["relation"] == "next"), None)


PAGED = [
    "Goal?_count=1",
    "Goal?_count=1&_sort=lifecycle-status",
    "Patient/PERSON/Goal?_count=1",
    "?_count=1",
    "Goal/_history?_count=1",
    "_history?_count=1",
    "Patient/PERSON/$everything?_count=1",
]


@pytest.mark.parametrize("base", BASES.values())
async def test_a_page_that_another_follows_shows_them_what_is_theirs(world, client, person, base):
    await world.agency("RX2")
    for scopes in ("system/*.cruds", "system/Task.rs system/Patient.rs"):
        other = world.client(agency="RX2", scopes=scopes)
        for paged in PAGED:
            url = f"{base}/{paged}".replace("PERSON", person).replace("/?", "?")
            page = (await client.get(url)).json()
            assert next_of(page), (paged, page)
            answer = await other.get(next_of(page))
            assert answer.status_code in (200, 403, 404), paged
            # The directory is for everybody.
            assert answer.status_code != 200 or set(ids(answer.json())) <= {"RX1", "RX2"}, paged


@pytest.mark.parametrize("base", BASES.values())
async def test_a_page_of_one_search_is_no_way_into_another(world, client, person, base):
    pages = {}
    for paged in PAGED:
        url = f"{base}/{paged}".replace("PERSON", person).replace("/?", "?")
        pages[url] = next_of((await client.get(url)).json()).rpartition("_page=")[2]
    for url in pages:
        whole = set(ids((await client.get(url.replace("_count=1", "_count=100"))).json()))
        for cursor in pages.values():
            answer = await client.get(f"{url}&_page={cursor}")
            assert answer.status_code in (200, 400), (url, cursor, answer.text)
            assert answer.status_code == 400 or set(ids(answer.json())) <= whole


async def test_a_batch_of_heavy_searches_lets_others_in_and_ends(client, person):
    entries = [entry("GET", search_) for search_ in HEAVY if not search_.startswith("?")] * 20
    answer = await bundled(client, "batch", *entries)
    assert answer.status_code == 200
    statuses = {one["response"]["status"] for one in answer.json()["entry"]}
    assert statuses == {"200 OK"}
