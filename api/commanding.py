"""What surrounds the work of every command: its settings, a database that is up to date, and an open service.

What is heavy is loaded when it is needed.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from api.service import Service
    from api.settings import Settings

Done = TypeVar("Done")


def settings_of(url: str) -> "Settings":
    """The settings of the environment, with the database that the command names."""
    from api.settings import Settings  # noqa: PLC0415 - heavy

    data = Path(os.environ.get("ONEPLAN_DATA", "var"))
    chosen = url or os.environ.get("ONEPLAN_DATABASE") or f"sqlite:///{data / 'oneplan.db'}"
    if url:  # the one that is named is meant for everything
        return Settings(database=url, worker_database="", owner_database="")
    return Settings(database=chosen)


def upgrade_of(settings: "Settings") -> None:
    """Bring the schema of the database up to date; the folder of a file is made."""
    from db.migrate import upgrade  # noqa: PLC0415 - heavy

    url = settings.owner_database or settings.database
    file = url.partition("?")[0].removeprefix("sqlite:///")
    if file != url.partition("?")[0] and file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    upgrade(url)


def run(settings: "Settings", work: Callable[["Service"], Awaitable[Done]]) -> Done:
    """Do something with an open service, and close it."""
    from api.service import started, stopped  # noqa: PLC0415 - heavy

    async def whole() -> Done:
        service = await started(settings)
        try:
            return await work(service)
        finally:
            await stopped(service)

    return asyncio.run(whole())


def on(url: str, work: Callable[["Service"], Awaitable[Done]]) -> Done:
    """Do something with an open service on a database that is up to date."""
    settings = settings_of(url)
    upgrade_of(settings)
    return run(settings, work)
