"""What every test may ask for. Kept small: each fixture lives in tests/support beside what it gives.

Databases of tests are durable, as in production; in memory-backed folders that costs nothing.
"""

import os
import shutil
from pathlib import Path

from hypothesis import settings

MEMORY = Path("/dev/shm")
ROOM = 4 * 1024**3

if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# The same examples in every run, so that coverage does not depend on luck; `explore` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("ONEPLAN_TEST_PROFILE", "steady"))

pytest_plugins = ["tests.support.postgres", "tests.support.world", "tests.support.launching"]
