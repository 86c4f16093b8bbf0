"""Ids that the service makes: UUID version 7 (RFC 9562), so that new rows lie beside each other."""

import os
import time


def fresh() -> str:
    """A new id: 48 bits of milliseconds, 12 bits of their fraction (so ids of one process lie in order), 62 random."""
    moment, fraction = divmod(time.time_ns(), 1_000_000)
    stamp, noise = f"{moment:012x}", os.urandom(8).hex()
    return (
        f"{stamp[:8]}-{stamp[8:]}-7{fraction * 4096 // 1_000_000:03x}-{'89ab'[noise[0] < '8']}{noise[1:4]}-{noise[4:]}"
    )
