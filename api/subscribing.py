"""Subscription through the FHIR door: written, read, searched for and deleted by its owner, and shown to nobody else.

The owner is who wrote it: the same subject of the same agency. The administrator sees what there is, without the
values of headers, and can delete it; to all others it does not exist. FHIR R4 and R5 subscription.html.
"""

from dataclasses import replace
from typing import Any

from api import subscription_leave
from api.door import version_of
from api.feed_leave import owned, owner, wanted_of
from api.fhir_asked import Answer, Asked, placed
from api.fhir_write import worded
from api.ids import fresh
from api.subscription_leave import TYPE, event, not_yours, own, told, visible
from api.subscription_search import OFFERED, page
from auth.access import Permit, Verb
from db.feed import NOTIFY, FeedRows
from db.subscriptions import FHIR, Subscribed
from fhir_facade import exact
from fhir_facade.drafts import moment
from fhir_facade.subscription_versions import shown, taken
from fhir_facade.subscriptions import redacted, unknown_status, wanted
from plan.model import Role
from plan.problem import Fault, Problem, Trouble
from plan.subscription import Standing, Wanted

_OURS = ("versionId", "lastUpdated")


async def create(asked: Asked) -> Answer:
    """A new subscription: requested, until its endpoint has taken the handshake."""
    permit = await permitted(asked, Verb.CREATE)
    resource, want = await _sent(asked)
    if want.status is Standing.ERROR:
        raise placed(unknown_status(), asked.where)
    status = Standing.OFF if want.status is Standing.OFF else Standing.REQUESTED
    async with asked.desk.feed.store.asked(permit) as rows:
        if await rows.count(owner(permit.caller)) >= asked.desk.feed.limit:
            what = f"an owner has at most {asked.desk.feed.limit} subscriptions here"
            raise Problem(Trouble.UNPROCESSABLE, "", (Fault(what, asked.where, "Delete one that is not needed."),))
        one = _owned(asked, permit, resource, status, rows.now, None)
        await _keep(asked, rows, permit, one, Verb.CREATE)
    return answer(asked, one, 201, f"{asked.base}/{TYPE}/{one.id}/_history/1")


async def update(asked: Asked) -> Answer:
    """The subscription as its owner wants it now; another endpoint, or one that failed, is asked for a handshake."""
    permit = await permitted(asked, Verb.UPDATE)
    resource, want = await _sent(asked)
    if resource.get("id") != asked.id:
        what = "the id of the resource is not the one in the address"
        raise Problem(Trouble.INVALID, "", (Fault(what, (*asked.where, "id"), f"Send the id {asked.id}."),))
    version = _version(asked, resource)
    try:
        async with asked.desk.feed.store.asked(permit) as rows:
            before = await _theirs(asked, rows, permit, version)
            one = _owned(asked, permit, resource, _next(want, before), rows.now, before)
            await _keep(asked, rows, permit, one, Verb.UPDATE)
    except Problem as problem:
        await _told(asked, permit, Verb.UPDATE, problem)
        raise worded(problem, asked) from None
    return answer(asked, one)


async def delete(asked: Asked) -> Answer:
    """Nothing more is sent."""
    permit = await permitted(asked, Verb.DELETE)
    try:
        async with asked.desk.feed.store.asked(permit) as rows:
            one = await _there(asked, rows, permit)
            _same(version_of(asked.headers.get("if-match")), one)
            if not one.deleted:
                status = Standing.OFF.value
                one = replace(one, version=one.version + 1, status=status, deleted=True, updated=rows.now, fhir="")
                await _keep(asked, rows, permit, one, Verb.DELETE)
    except Problem as problem:
        await _told(asked, permit, Verb.DELETE, problem)
        raise
    return Answer(status=204, version=one.version, at=one.updated)


async def read(asked: Asked) -> Answer:
    """The subscription as it is now."""
    permit = await permitted(asked, Verb.READ)
    one = await found(asked, permit)
    known = asked.headers.get("if-none-match", "")
    if f'"{one.version}"' in known or known.strip() == "*":
        return Answer(status=304, version=one.version, at=one.updated)
    return answer(asked, _open(permit, one))


async def vread(asked: Asked) -> Answer:
    """One of its versions."""
    for number, at, deleted, text in await _versions(asked):
        if str(number) == asked.place.version:
            if deleted:
                raise Problem(Trouble.GONE)
            return Answer(text=shown(exact.stored(text), asked.version.name), version=number, at=at)
    raise Problem(Trouble.NOT_FOUND)


async def history(asked: Asked) -> Answer:
    """All of its versions, newest first."""
    entries = []
    for number, at, deleted, text in await _versions(asked):
        method, came = ("DELETE", "204") if deleted else ("POST", "201") if number == 1 else ("PUT", "200")
        url = f"{TYPE}/{asked.id}" if method != "POST" else TYPE
        response = {"status": came, "etag": f'W/"{number}"', "lastModified": moment(at)}
        entry: dict[str, Any] = {"fullUrl": f"{asked.base}/{TYPE}/{asked.id}"}
        if not deleted:
            entry["resource"] = exact.stored(shown(exact.stored(text), asked.version.name))
        entries.append(entry | {"request": {"method": method, "url": url}, "response": response})
    bundle = {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}
    return Answer(text=exact.dumps(bundle))


async def search(asked: Asked) -> Answer:
    """The caller's own subscriptions; the administrator's search finds everybody's."""
    permit = await permitted(asked, Verb.SEARCH)
    return Answer(text=page(asked, [_open(permit, one) for one in await listed(asked, permit, Verb.SEARCH)]))


# what the operations share


async def permitted(asked: Asked, verb: Verb) -> Permit:
    """Leave to do this with subscriptions at all. Raises REFUSED."""
    return await subscription_leave.permitted(asked.desk, asked.visit, verb, asked.place.id)


async def found(asked: Asked, permit: Permit) -> Subscribed:
    """The subscription in the address, for its owner or the administrator. Raises NOT_FOUND, GONE."""
    try:
        async with asked.desk.feed.store.asked(permit) as rows:
            one = await _found(asked, rows, permit)
            rows.audit([_event(asked, permit, Verb.READ, one.id, rows.now)])
    except Problem as problem:
        await _told(asked, permit, Verb.READ, problem)
        raise
    return one


async def listed(asked: Asked, permit: Permit, verb: Verb) -> list[Subscribed]:
    """All that the caller may see, the newest first."""
    async with asked.desk.feed.store.asked(permit) as rows:
        whose = None if permit.caller.role is Role.ADMINISTRATOR else owner(permit.caller)
        rows.audit([_event(asked, permit, verb, "", rows.now)])
        return await rows.listed(whose)


def answer(asked: Asked, one: Subscribed, status: int = 200, location: str = "") -> Answer:
    """A subscription in the version that was asked in, with as much of it as the client prefers."""
    minimal = asked.method in ("POST", "PUT") and asked.preferred("return") == "minimal"
    text = "" if minimal else shown(exact.stored(one.fhir), asked.version.name)
    return Answer(status=status, text=text, version=one.version, at=one.updated, location=location)


async def _sent(asked: Asked) -> tuple[dict[str, Any], Wanted]:
    """What was sent, as R4, and what it wants. Raises a Problem with the place of each fault."""
    version = asked.version.name
    if asked.headers.get("if-none-exist") is not None:
        raise Problem(Trouble.NOT_SUPPORTED, "A Subscription is not created conditionally.")
    try:
        resource = taken(asked.resource, version)
        want = wanted(resource, version)
        await asked.desk.feed.hook.must_reach(want.endpoint)
        _to_come(want.end, asked.desk.feed.clock())
    except Problem as problem:
        raise placed(problem, asked.where, asked.where) from None
    return resource, want


def _to_come(end: int | None, now: int) -> None:
    if end is not None and end <= now:
        raise Problem(Trouble.BAD_VALUE, "", (Fault("the end is past", ("end",), "Name a moment to come."),))


def _owned(
    asked: Asked, permit: Permit, resource: dict[str, Any], status: Standing, now: int, before: Subscribed | None
) -> Subscribed:
    """The subscription as it shall be stored, in the name of who writes it now."""
    id_, version = (before.id, before.version + 1) if before else (fresh(), 1)
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in _OURS}
    said = {"versionId": str(version), "lastUpdated": moment(now), **meta}
    face: dict[str, Any] = {"resourceType": TYPE, "id": id_, "meta": said}
    face |= {name: value for name, value in resource.items() if name not in (*face, "error")}
    if status is Standing.ERROR and before:
        face["error"] = exact.stored(before.fhir).get("error", "")
    text = exact.text(face | {"status": status.value})
    end = wanted_of(text).end
    last = now + asked.desk.feed.days * 86_400_000
    return owned(
        permit,
        now,
        before,
        id=id_,
        status=status.value,
        base=asked.base,
        dialect=asked.version.name,
        expires=last if end is None else min(end, last),
        fhir=text,
    )


async def _keep(asked: Asked, rows: FeedRows, permit: Permit, one: Subscribed, verb: Verb) -> None:
    await rows.keep(one)
    await rows.call(NOTIFY, one.id, rows.now, anew=True)
    rows.audit([_event(asked, permit, verb, one.id, rows.now)])


def _next(want: Wanted, before: Subscribed) -> Standing:
    """Where a subscription stands after its owner wrote it: what was proved of its channel stays proved."""
    if want.status is Standing.OFF:
        return Standing.OFF
    same = not before.deleted and wanted_of(before.fhir).channel == want.channel
    if same and want.status.value == before.status:
        return want.status
    return Standing.REQUESTED


async def _there(asked: Asked, rows: FeedRows, permit: Permit) -> Subscribed:
    """The subscription in the address, deleted or not, when it is there for this caller."""
    one = await rows.subscription(asked.id)
    if one is None or one.channel != FHIR or not visible(permit, one):
        raise Problem(Trouble.NOT_FOUND)
    return one


async def _found(asked: Asked, rows: FeedRows, permit: Permit) -> Subscribed:
    one = await _there(asked, rows, permit)
    if one.deleted:
        raise Problem(Trouble.GONE)
    return one


async def _theirs(asked: Asked, rows: FeedRows, permit: Permit, version: int) -> Subscribed:
    """The subscription that its owner changes, in the version that they read."""
    one = await _there(asked, rows, permit)
    if not own(permit, one):
        raise not_yours()
    _same(version, one)
    return one


def _same(version: int | None, one: Subscribed) -> None:
    if version is not None and version != one.version:
        raise Problem(Trouble.STALE, f"It is at version {one.version} now.")


async def _versions(asked: Asked) -> list[tuple[int, int, bool, str]]:
    permit = await permitted(asked, Verb.READ)
    async with asked.desk.feed.store.asked(permit) as rows:
        one = await rows.subscription(asked.id)
        if one is not None and one.channel == FHIR and visible(permit, one):
            rows.audit([_event(asked, permit, Verb.READ, one.id, rows.now)])
            versions = await rows.versions(one.id)
            closed = not own(permit, one)
            return [(n, at, gone, _hidden(text) if closed and text else text) for n, at, gone, text in versions]
    await _told(asked, permit, Verb.READ, Problem(Trouble.NOT_FOUND))
    raise Problem(Trouble.NOT_FOUND)


def _open(permit: Permit, one: Subscribed) -> Subscribed:
    """The subscription as this caller may see it."""
    return one if own(permit, one) else replace(one, fhir=_hidden(one.fhir))


def _hidden(text: str) -> str:
    return exact.text(redacted(exact.stored(text)))


def _version(asked: Asked, resource: dict[str, Any]) -> int:
    said = version_of(asked.headers.get("if-match"))
    if said is None:
        named = resource.get("meta", {}).get("versionId")
        said = None if named is None else version_of(f'"{named}"')
    if said is None:
        what = "neither If-Match nor meta.versionId says which version is changed"
        raise Problem(Trouble.VERSION_UNSAID, "", (Fault(what, (*asked.where, "meta", "versionId")),))
    return said


def _event(asked: Asked, permit: Permit, verb: Verb, id_: str, now: int) -> tuple[object, ...]:
    return event(asked.visit, permit, verb, id_, now)


async def _told(asked: Asked, permit: Permit, verb: Verb, problem: Problem) -> None:
    await told(asked.desk, asked.visit, permit, verb, problem, asked.place.id)


__all__ = [
    "OFFERED",
    "TYPE",
    "create",
    "delete",
    "found",
    "history",
    "listed",
    "permitted",
    "read",
    "search",
    "update",
    "vread",
]
