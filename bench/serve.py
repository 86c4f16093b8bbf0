"""The server under test, as a process of its own: uvicorn as in production, which says on which port it listens.

Run by bench.servers: `python -m bench.serve MODULE:APP [--factory] [--profile FILE]`.
"""

import argparse
import cProfile
import signal
import socket
from pathlib import Path

import uvicorn


class _Announced(uvicorn.Server):
    """Writes its port on standard output as soon as it answers, and is profiled from then on if that is asked for."""

    def __init__(self, config: uvicorn.Config, profile: cProfile.Profile | None) -> None:
        super().__init__(config)
        self._profile = profile

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if not self.should_exit:
            print(self.servers[0].sockets[0].getsockname()[1], flush=True)
        if self._profile:
            self._profile.enable()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._profile:
            self._profile.disable()
        await super().shutdown(sockets=sockets)


def main() -> None:
    """Serve until SIGTERM; the profile is written then."""
    parser = argparse.ArgumentParser()
    parser.add_argument("app")
    parser.add_argument("--factory", action="store_true")
    parser.add_argument("--profile", type=Path)
    said = parser.parse_args()
    config = uvicorn.Config(
        said.app,
        factory=said.factory,
        host="127.0.0.1",
        port=0,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
    # uvicorn raises the signal again when it has stopped, and the profile is still to be written then.
    signal.signal(signal.SIGTERM, lambda *_: None)
    profile = cProfile.Profile() if said.profile else None
    _Announced(config, profile).run()
    if profile:
        profile.dump_stats(said.profile)


if __name__ == "__main__":
    main()
