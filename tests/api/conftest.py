"""What most tests of the doors begin with: a worker of one agency, a person, a goal of that person's."""

import pytest

from tests.support.r4 import created, goal


@pytest.fixture
async def client(world):
    await world.agency("RX1")
    return world.client()


@pytest.fixture
async def person(world, client):
    return await world.person(client)


@pytest.fixture
async def one(client, person):
    """A goal."""
    return await created(client, goal(person))
