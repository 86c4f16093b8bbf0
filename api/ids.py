"""Ids that the service makes: UUID version 7 (RFC 9562), so that new rows lie beside each other."""

import os
import time


def fresh() -> str:
    """A new id: 48 bits of milliseconds, version 7, 12 random bits, the variant, 62 random bits."""
    moment, noise = time.time_ns() // 1_000_000, os.urandom(10).hex()
    stamp = f"{moment:012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7{noise[:3]}-{'89ab'[int(noise[3], 16) & 3]}{noise[4:7]}-{noise[7:19]}"
