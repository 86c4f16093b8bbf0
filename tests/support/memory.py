"""Where the files of tests lie: in memory, where the machine has room there; on its disk otherwise.

Databases of tests are durable, as in production; in memory-backed folders that costs nothing, and a database is copied
three times as fast.
"""

import os
import shutil
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")
_ROOM: Final = 4 * 1024**3


def memory() -> Path | None:
    """The folder that is kept in memory; None where there is none that has room and lets programs run."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < _ROOM:
        return None
    return None if os.statvfs(MEMORY).f_flag & os.ST_NOEXEC else MEMORY
