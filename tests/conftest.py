"""What every test may ask for. Kept small: each fixture lives in tests/support beside what it gives."""

import gc
import os

from hypothesis import settings

from tests.support.memory import memory

if where := memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(where))

# The same examples in every run, so that coverage does not depend on luck; `explore` looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("ONEPLAN_TEST_PROFILE", "steady"))

pytest_plugins = ["tests.support.postgres", "tests.support.world", "tests.support.launching"]


def pytest_collection_finish() -> None:
    """Seventeen thousand tests live as long as the run: the collector need not walk them again and again."""
    gc.collect()
    gc.freeze()
