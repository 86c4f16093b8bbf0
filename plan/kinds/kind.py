"""Kind: what the house knows of one kind of entry. One row per kind, beside its form."""

from collections.abc import Callable
from dataclasses import dataclass

from plan.kinds.types import Form
from plan.model import PLAN_SECTIONS, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of entry.

    `sections`: where it may stand. `home`: where it stands when nobody says; None: the author's own section.
    `title`: what a reader sees of it in a list, from its native body. `restricted`: it always says who may see it.
    """

    name: str
    form: type[Form]
    title: Callable[[dict[str, object]], str]
    sections: frozenset[Section] = frozenset(PLAN_SECTIONS)
    home: Section | None = None
    restricted: bool = False
