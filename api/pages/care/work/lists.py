"""What lists over many people have in common: what they can be narrowed to, and times in words."""

from collections.abc import Iterable

from api.pages.care.reader import Reader
from api.pages.care.wording import Wording
from plan.known import Known
from plan.model import PersonId


def choices(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a list can be narrowed to: each value once, in the order of the words."""
    return sorted(dict(found).items(), key=lambda one: (one[1].casefold(), one[0]))


def wording(reader: Reader) -> Wording:
    """Times in words, on a page that is about nobody."""
    return Wording(Known(person=PersonId(""), now=reader.now, entries={}))
