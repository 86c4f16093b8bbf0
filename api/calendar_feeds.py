"""The desk for calendars: an address that is a secret shows an account's calendar application what happens to a person.

The secret stands for nobody: at each fetch leave is asked anew as the account that made it, as that account is then.
One that was locked, changed or removed, or whose place on the team has ended, finds nothing there.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, TypeVar

from api.calendar_file import written
from api.deeds import Deed, Key, Visit
from api.desk import Desk, holder
from api.feed_leave import words
from api.ids import fresh
from api.work import Work
from auth.access import Question, Verb, must_by_scope, refusal
from auth.caller import Caller
from auth.scopes import parse
from auth.sign_in.records import Accounts, Login
from db import calendar_feeds
from db.calendar_feeds import HOUR, CalendarFeed
from plan.happenings import happenings
from plan.model import EntryId, PersonId, Role
from plan.override import BREAK_THE_GLASS
from plan.problem import Fault, Problem, Trouble

TYPE: Final = "calendar"
"""What the audit calls it."""
DOOR: Final = "calendar"
DAYS: Final = 90
MOST: Final = 10
"""How many calendars of one person an account may have."""
AN_HOUR: Final = 60
"""How often an address is served in an hour: applications ask a few times a day."""
_DAY = 86_400_000
_TOKEN_BYTES = 32
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Made:
    """A calendar with its secret, which is told this once; no secret where an earlier request made it."""

    feed: CalendarFeed
    token: str = ""


class CalendarFeeds(Desk):
    """The desk, with an account's calendars."""

    accounts: Accounts

    @classmethod
    def of(cls, desk: Desk, accounts: Accounts) -> "CalendarFeeds":
        """The same desk."""
        made = cls(desk.store, desk.charter, desk.identity_systems)
        made.accounts = accounts
        return made

    async def make(self, visit: Visit, person: PersonId, *, details: bool, key: Key | None = None) -> Made:
        """A new address. Raises NOT_FOUND, REFUSED, UNPROCESSABLE (too many; details for somebody else)."""
        login = await self._login(visit.caller)

        async def work(one: Work) -> Made:
            known = await self._known_key(one, person, key) if key else None
            if known:
                return Made(known)
            kept = _must_last(visit.caller, login)
            _must_be_own(visit.caller, person, details=details)
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            feed = _feed(visit.caller, person, kept, one.writing.now, token, details=details)
            if len(await self._own(one, person)) >= MOST:
                what = f"you have {MOST} calendars of this person already"
                raise Problem(Trouble.UNPROCESSABLE, "", (Fault(what, mend="End one that is not needed."),))
            await calendar_feeds.add(one.writing, feed)
            self._note_of(one, "C", feed.person, feed.id)
            if key:
                one.writing.remember(holder(visit), key.key, key.digest, 201, person, feed.id, 1, one.writing.now)
            return Made(feed, token)

        return await self._asked(visit, person, Verb.CREATE, work)

    async def listed(self, visit: Visit, person: PersonId) -> list[CalendarFeed]:
        """The caller's own of a person, the oldest first. Raises NOT_FOUND."""

        async def work(one: Work) -> list[CalendarFeed]:
            self._note_of(one, "E", person, "")
            return await self._own(one, person)

        return await self._asked(visit, person, Verb.SEARCH, work)

    async def renew(self, visit: Visit, person: PersonId, id_: str) -> CalendarFeed:
        """Serve one for another 90 days from now. Raises NOT_FOUND."""

        async def work(one: Work) -> CalendarFeed:
            feed = await self._theirs(one, person, id_)
            until = one.writing.now + DAYS * _DAY
            await calendar_feeds.renew(one.writing, feed, until)
            self._note_of(one, "U", person, id_)
            return replace(feed, until=until)

        return await self._asked(visit, person, Verb.UPDATE, work, id_)

    async def end(self, visit: Visit, person: PersonId, id_: str) -> None:
        """Its address leads nowhere from now on. Raises NOT_FOUND."""

        async def work(one: Work) -> None:
            await calendar_feeds.end(one.writing, await self._theirs(one, person, id_))
            self._note_of(one, "D", person, id_)

        await self._asked(visit, person, Verb.DELETE, work, id_)

    async def visitor(self, token: str, request: str) -> tuple[Visit, CalendarFeed]:
        """Who knocks with a secret. Raises NOT_FOUND for one that is over, and THROTTLED for who asks too often."""
        now = self.store.clock()
        feed = await calendar_feeds.found(self.store.database, _digest(token), now)
        if feed is None or feed.until <= now or not await self._stands(feed):
            raise Problem(Trouble.NOT_FOUND)
        if await calendar_feeds.count(self.store.database, feed, now) > AN_HOUR:
            wait = str(-(-(HOUR - now % HOUR) // 1000))
            raise Problem(Trouble.THROTTLED, "A calendar is asked for too often.", headers={"Retry-After": wait})
        return Visit(caller=_caller(feed), door=DOOR, request=request), feed

    async def file(self, visit: Visit, feed: CalendarFeed) -> bytes:
        """The calendar as it is now for that account. Raises NOT_FOUND for a plan that is closed to them."""
        known = await self.known(visit, feed.person)
        return written(happenings(known), details=feed.details)

    async def _login(self, caller: Caller) -> Login | None:
        """The account of who asks, as far as it is one of this service that can still sign in."""
        for one in await self.accounts.of_subject(caller.agency, caller.subject):
            if one.active and (one.account.role, one.account.person) == (caller.role, caller.person):
                return one
        return None

    async def _stands(self, feed: CalendarFeed) -> bool:
        """Whether the account is still what it was when it made this."""
        login = await self.accounts.find(feed.login)
        return login is not None and login.active and login.stamp == feed.stamp

    async def _asked(
        self, visit: Visit, person: PersonId, verb: Verb, do: Callable[[Work], Awaitable[Done]], id_: str = ""
    ) -> Done:
        """Do it for somebody to whom the plan is open."""

        async def work(one: Work) -> Done:
            must_by_scope(one.permit, Verb.READ, "CarePlan")
            if not (await one.leave(person)).letters:
                raise Problem(Trouble.NOT_FOUND)
            return await do(one)

        deed = Deed(verb=verb, type=TYPE, id=EntryId(id_) if id_ else None, person=person)
        return await self.attempt(visit, work, deed)

    async def _own(self, work: Work, person: PersonId) -> list[CalendarFeed]:
        caller = work.visit.caller
        return await calendar_feeds.own(work.writing, person, caller.agency, caller.subject)

    async def _theirs(self, work: Work, person: PersonId, id_: str) -> CalendarFeed:
        found = next((one for one in await self._own(work, person) if one.id == id_), None)
        if found is None:
            raise Problem(Trouble.NOT_FOUND)
        return found

    async def _known_key(self, work: Work, person: PersonId, key: Key) -> CalendarFeed | None:
        """What the same key made before."""
        led = await self.led(work, key)
        return await self._theirs(work, person, led[2]) if led else None

    def _note_of(self, work: Work, action: str, person: PersonId, id_: str) -> None:
        work.writing.audit([self.note(work.visit, action, TYPE, id_).event(person, "", found=True)])


def _feed(caller: Caller, person: PersonId, login: Login, now: int, token: str, *, details: bool) -> CalendarFeed:
    return CalendarFeed(
        person=person,
        id=fresh(),
        digest=_digest(token),
        login=login.login,
        stamp=login.stamp,
        subject=caller.subject,
        agency=caller.agency,
        role=caller.role.value,
        scopes=words(caller.scopes),
        patient=caller.patient or "",
        purpose=caller.purpose,
        details=details,
        created=now,
        until=now + DAYS * _DAY,
    )


def _caller(feed: CalendarFeed) -> Caller:
    """Who made it, with what their app was allowed."""
    role = Role(feed.role)
    return Caller(
        subject=feed.subject,
        agency=feed.agency,
        role=role,
        scopes=parse(feed.scopes),
        purpose=feed.purpose,
        person=feed.person if role is Role.PERSON else None,
        patient=PersonId(feed.patient) if feed.patient else None,
        client="oneplan-calendar",
    )


def _must_last(caller: Caller, login: Login | None) -> Login:
    """The account that the calendar ends with. Raises REFUSED."""
    if caller.purpose == BREAK_THE_GLASS:
        what = "A calendar outlives an override, so it is not asked for under the purpose BTG."
        raise refusal(Question.RELATIONSHIP, what, "Ask under the purpose of your work with people, as TREAT.")
    if login is None:
        what = "A calendar belongs to an account of this service, so that it ends with the account."
        raise refusal(Question.TOKEN, what, "Ask the administrator of your agency for an account.")
    return login


def _must_be_own(caller: Caller, person: PersonId, *, details: bool) -> None:
    if details and not (caller.role is Role.PERSON and caller.person == person):
        what = "a calendar with details is for the person alone"
        raise Problem(Trouble.UNPROCESSABLE, "", (Fault(what, ("details",), "Send false.", Trouble.BAD_VALUE),))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
