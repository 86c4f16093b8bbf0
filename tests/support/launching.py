"""A record system in use: configured at the service, with somebody whose record is open there; and a launch from it."""

import httpx
import pytest

from auth.sign_in.ehrs import Ehr
from auth.sign_in.smart import Launches
from tests.support import ehr as ehrs
from tests.support.ehr import setting
from tests.support.oidc import NOW
from tests.support.sign_in import browser

START, BORN = "/care/launch", "1941-03-14"
FAMILY = "Quillfeather"
"""A name that stands nowhere else."""
ORIGIN = "https://ward.example"
FRAMED = {"frame_origins": [ORIGIN, "https://other.example:8443"]}


@pytest.fixture
def ward():
    with ehrs.ehr() as made:
        yield made


@pytest.fixture
async def use(world, ward):
    """Configure the record system, in place of none; what it was is closed at the end."""
    world.at("2027-01-15T08:00:00Z")
    assert world.clock == NOW * 1000
    made = []

    def take(base="http://127.0.0.1", **more):
        launches = Launches([Ehr.model_validate(setting(ward, **more))], lambda: world.clock)
        world.service.sign_in.launches = launches
        made.append(launches)
        return browser(world, base)

    yield take
    for launches in made[:-1]:
        await launches.close()


async def person(world, ward, **more):
    """Somebody whose plan is open to RX1, and whose record is open there."""
    number = world.nhs_number()
    made = await world.person(world.visit(), number, family=FAMILY, birthDate=BORN)
    ward.opens(**{"nhs_number": number, "born": BORN, **more})
    return made


async def there(at, ward, **params):
    """Off to the record system, which sends the browser back: the address it comes back to."""
    answer = await at.get(START, params={**ward.launch(), **params})
    assert answer.status_code == 303, answer.text
    async with httpx.AsyncClient() as elsewhere:
        back = await elsewhere.get(answer.headers["location"])
    return back.headers["location"]


async def launched(at, ward):
    return await at.get(await there(at, ward))


async def launches_of(world):
    sql = "select subject, target, person_id, allowed, question from audit_event where type = 'launch' order by at, id"
    return [tuple(row) for row in await world.database.rows(sql)]
