"""Pictures with a table beside each: a timeline, the week, the measures."""

from api.pages.care.drawn import pictures_measures, pictures_timeline, pictures_week
from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = (
    Way("/people/{person}/timeline", pictures_timeline.show),
    Way("/people/{person}/week", pictures_week.show),
    Way("/people/{person}/outcomes", pictures_measures.outcomes),
    Way("/measures", pictures_measures.show),
    Way("/measures.csv", pictures_measures.table),
)
