"""Pictures with a table beside each: a timeline, the week, the measures."""

from api.pages.care import pictures_timeline, pictures_week
from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = (
    Way("/people/{person}/timeline", pictures_timeline.show),
    Way("/people/{person}/week", pictures_week.show),
)
