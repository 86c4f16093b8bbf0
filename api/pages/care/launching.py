"""SMART App Launch: the pages as an app that a record system starts with a patient."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
