"""The feed of a plan: what changed, when and by whom; never what it says now. `seq` stays inside (docs/decisions/0011).

A cursor is the moment of the last change that was shown. The changes of one transaction share a moment; when a page
ends among them the cursor says how many were shown.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api import cursors
from api.rest import asked, said
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.model import Change


async def history(request: Request) -> Response:
    """What changed in a plan since it began, oldest first, page by page."""
    return await _page(request, "cursor", always=False)


async def changes(request: Request) -> Response:
    """What changed since a moment or a cursor; always with the cursor to ask with next time."""
    return await _page(request, "since", always=True)


async def _page(request: Request, mark: str, *, always: bool) -> Response:
    visit, person = await asked.visit_of(request), asked.person_of(request)
    terms = asked.terms(request, mark, "limit")
    count = asked.limit(terms)
    at, skip = asked.since(terms[mark], mark) if mark in terms else (0, 0)
    after = at - 1 if skip else at
    found = (await asked.desk_of(request).changes(visit, person, after, count + skip))[skip:]
    shown = found[:count]
    more = len(found) > count
    following = _following(shown, at, skip, more=more) if more or always else None
    return said.view(request, said.items((_told(change) for change in shown), following))


def _following(shown: Sequence[Change], at: int, skip: int, *, more: bool) -> str:
    """Where the next page begins. What a transaction changed is there at once, so without more it was all shown."""
    if not shown:
        return cursors.made(at=at, skip=0)
    last = shown[-1].at
    if not more:
        return cursors.made(at=last, skip=0)
    same = sum(change.at == last for change in shown)
    return cursors.made(at=last, skip=same + (skip if last == at else 0))


def _told(change: Change) -> str:
    return exact.text(
        {
            "at": moment(change.at),
            "action": change.action,
            "kind": change.kind,
            "section": change.section.value,
            "entry": change.entry,
            "version": change.version,
            "by": {"subject": change.by_subject, "role": change.by_role, "agency": change.by_agency},
        }
    )
