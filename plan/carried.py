"""What may leave the service in a form that nobody can call back: on paper, in somebody's calendar.

Paper lies in the home and a calendar on the screen of a telephone, where those are who must not read everything that
their owner may. So what is kept to named agencies, safeguarding and a sealed address stay behind, and leave no mark.
"""

from dataclasses import replace

from plan.known import Entry, Known
from plan.model import Section


def carried(known: Known) -> Known:
    """The part of what is known that may be carried away."""
    entries = {id_: one for id_, one in known.entries.items() if may_be_carried(one)}
    return replace(known, entries=entries, team=tuple(one for one in known.team if one.restriction is None))


def may_be_carried(entry: Entry) -> bool:
    """Whether whoever may see an entry may carry it away."""
    return entry.restriction is None and entry.section is not Section.SAFEGUARDING and entry.kind != "sealed_address"
