"""Tests that look at pages need styles and scripts that Node builds: without them they are skipped, and say so."""

import pytest

from api.pages.care import shown

BUILT = pytest.mark.skipif(not shown.BUILT, reason="the pages are not built on this machine: there is no Node")
