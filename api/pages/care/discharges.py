"""The discharge board, one discharge, and answering for an item of it."""

from api.pages.care import answering_item, one_discharge
from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = (*one_discharge.WAYS, *answering_item.WAYS)
