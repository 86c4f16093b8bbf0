"""`oneplan worker`: the worker as a process of its own, beside the doors or on another machine (PostgreSQL)."""

import asyncio
import logging
import signal

from api import anchoring
from api.service import Service, must_see_everybody

_LOG = logging.getLogger("oneplan.feed")


async def run(service: Service) -> None:
    """Work until the process is told to stop; what is begun is finished."""
    await must_see_everybody(service)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    _LOG.warning("the worker runs")
    await asyncio.gather(service.feed.run(stop), anchoring.beside(service, stop))


async def once(service: Service) -> int:
    """Do what is due now; how many jobs that were."""
    await must_see_everybody(service)
    return await service.feed.turn(most=1_000_000)
