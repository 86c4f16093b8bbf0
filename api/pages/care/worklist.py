"""My list: what needs the reader, over everybody whose plan is open to them; and finding a person."""

from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = ()
