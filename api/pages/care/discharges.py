"""The discharge board, one discharge, and answering for an item of it."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
