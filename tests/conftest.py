"""What every test may ask for. Kept small: each fixture lives in tests/support beside what it gives."""

pytest_plugins = ["tests.support.postgres", "tests.support.world"]
