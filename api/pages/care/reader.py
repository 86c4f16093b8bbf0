"""Reader: who has signed in and reads a page, what they see of a person, and how they are answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from api import forms
from api.deeds import Visit
from api.desk import Desk
from api.pages.care import asking, shown
from api.pages.care.asking import Answer
from api.pages.care.emergency import glass
from api.pages.care.navigation import OWN
from api.pages.care.wording import Wording
from api.pages.turn import Turn
from auth.caller import Caller
from auth.scopes import parse
from auth.server.parties import Account
from plan.known import Known
from plan.model import EntryId, Json, PersonId, Role
from plan.problem import Problem, Trouble

DOOR = "pages"
NATIVE = "native"
"""Where a request's scope holds the native API."""
CLIENT = "oneplan-pages"


@dataclass(slots=True)
class Reader:
    """Somebody with a session, at one page. What they are shown of a person is read once.

    `whole_banner`: whether the banner says all that it can; a record system that shows its own asks for one line.
    """

    turn: Turn
    account: Account
    visit: Visit
    whole_banner: bool = True
    _known: dict[PersonId, Known] = field(default_factory=dict)

    @classmethod
    def of(cls, made: Turn, account: Account) -> "Reader":
        """The reader of a turn; the audit knows of them from here on."""
        visit = Visit(
            caller=glass.through(made, caller_of(account)), door=DOOR, request=made.request.scope["request_id"]
        )
        made.request.scope["visit"] = visit
        return cls(made, account, visit, whole_banner=made.launch is None or made.launch.banner)

    @property
    def request(self) -> Request:
        """The request."""
        return self.turn.request

    @property
    def role(self) -> Role:
        """In which role they read."""
        return self.account.role

    @property
    def desk(self) -> Desk:
        """The desk."""
        return self.turn.service.desk

    @property
    def now(self) -> int:
        """Now, in milliseconds since 1970 UTC, by the database's clock."""
        return self.desk.store.clock()

    @property
    def person(self) -> PersonId:
        """The person in the address. Raises NOT_FOUND for what can be no id, as for whom one may not see."""
        return PersonId(self._id("person"))

    @property
    def entry(self) -> EntryId:
        """The entry in the address. Raises NOT_FOUND for what can be no id."""
        return EntryId(self._id("entry"))

    def _id(self, name: str) -> str:
        said = str(self.request.path_params[name])
        if not forms.ID.fullmatch(said):
            raise Problem(Trouble.NOT_FOUND)
        return said

    async def known(self, person: PersonId | None = None) -> Known:
        """What they may see of a person: of the one in the address, when nobody is named. Raises NOT_FOUND."""
        whose = person or self.person
        if whose not in self._known:
            self._known[whose] = await self.desk.known(self.visit, whose)
        return self._known[whose]

    def forget(self) -> None:
        """Read anew what was written meanwhile."""
        self._known.clear()

    async def ask(self, method: str, path: str, body: Mapping[str, Json] | None = None, **more: Any) -> Answer:
        """One request to the native API, as asking.ask; the address begins with /v1. Raises Problem."""
        native: ASGIApp = self.request.scope[NATIVE]
        return await asking.ask(native, self.request.scope, self.visit, method, path, body, **more)

    def page(self, name: str, known: Known | None = None, status: int = 200, **said: Any) -> Response:
        """A page from its template. `known`: of the person whom it is about, for the banner; None: it is of nobody.

        A page with a form that has faults is answered with 422.
        """
        form = said.get("form")
        if form is not None and form.faults and status == 200:  # noqa: PLR2004 - RFC 9110
            status = 422
        return shown.page(self, name, known, status, said)

    def go(self, to: str, done: str = "") -> Response:
        """Lead on after a form was taken. `done`: what is said of it once on the next page."""
        if done:
            self.turn.hand(shown.DONE, {"said": done})
        return self.turn.away(to)

    def wording(self, known: Known) -> Wording:
        """How what is known is said to this reader."""
        return Wording(known, own=self.role in OWN)


def caller_of(account: Account) -> Caller:
    """An account at the desk, with all that its role may do: the pages are our own, and ask for no scopes."""
    context = "patient" if account.role is Role.PERSON else "user"
    return Caller(
        subject=account.subject,
        agency=account.agency,
        role=account.role,
        scopes=parse(f"{context}/*.cruds"),
        person=account.person,
        client=CLIENT,
        name=account.name,
    )
