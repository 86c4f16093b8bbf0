"""Print and PDF of a plan and of a discharge, and the calendar feed."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
