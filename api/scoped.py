"""What a permit says of an entry that was read already: its section, its restriction, and what the scopes cover.

Searches and reads never come here, they are filtered in the statement; writes hold the entry and ask of it.
"""

from auth.access import Permit
from auth.scopes import Said
from fhir_facade import exact
from fhir_facade.index import index
from plan.model import Draft, Stored

CATEGORY = "category"
"""The search parameter that granular scopes speak of."""


def said(permit: Permit, of: Stored | Draft) -> Said:
    """The categories of an entry; not looked for where no scope speaks of any. What is deleted says nothing."""
    if permit.scopes.plain:
        return frozenset()
    rows = of.index if isinstance(of, Draft) else index(exact.stored(of.fhir)) if of.fhir else []
    return frozenset((row.system, row.code) for row in rows if row.param == CATEGORY)


def shows(permit: Permit, stored: Stored, verb: str = "") -> bool:
    """Whether an entry is there for a caller who may look at it, or do this with it."""
    return permit.shows(stored) and permit.covers(f"rs{verb}", stored.type, said(permit, stored))
