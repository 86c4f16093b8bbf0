"""A process that notes until it is killed: `python audit_process.py URL NAME`. It names each event that is durable."""

import asyncio
import sys

from db.engine import Database, opened
from tests.support.audit import event

WIDTH = 4


async def works(database: Database, who: int) -> None:
    """Note in every way there is, for ever."""
    n = 0
    while True:
        n += 1
        made = [event(id=f"{sys.argv[2]}-{who}-{n}-{i}") for i in range(1 + n % 3)]
        if n % 2:
            await database.note(made)
        else:
            async with database.transaction() as transaction:
                await transaction.change({}, {"audit_event": made})
        sys.stdout.write("".join(f"{one[1]}\n" for one in made))
        sys.stdout.flush()


async def main(url: str) -> None:
    database = await opened(url)
    await asyncio.gather(*(works(database, who) for who in range(WIDTH)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
