"""The pages of work beside a browser: the service in this process, everybody of Larch Court, and what a test plants.

Each test begins a person of its own, so that tests of one file share a service and disturb nobody.
"""

import asyncio
import itertools
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Page

from api import demonstration, demonstration_accounts
from api.deeds import Deed, Visit
from api.demonstration_data import WORKERS
from api.service import Service
from auth.access import Verb
from auth.caller import Caller
from auth.scopes import parse
from auth.sign_in.common import DEMONSTRATION
from fhir_facade.faces import FACES
from plan.kinds import KINDS
from plan.model import EntryId, PersonId, Role, Section, Subject
from tests.browser.beside import Beside, beside

Done = TypeVar("Done")
TEAM = ("P10001", "LA1", "HC1", "BA1", "HA1")
_ROLES = {"RX1": "clinician", "P10001": "clinician", "LA1": "social_worker", "HC1": "care_provider"} | {
    "BA1": "benefits_adviser",
    "HA1": "housing_officer",
}
_LOGINS = {
    "RX1": "clinician-rx1",
    "P10001": "clinician-p10001",
    "LA1": "social-worker-la1",
    "HC1": "care-worker-hc1",
} | {
    "BA1": "benefits-adviser-ba1",
    "HA1": "housing-officer-ha1",
}
_NUMBERS = itertools.count(900_000_100)


def nhs_number() -> str:
    """A number that nobody of this run has yet, from the range for tests, with its check digit."""
    for nine in _NUMBERS:
        total = sum(int(digit) * weight for digit, weight in zip(str(nine), range(10, 1, -1), strict=True))
        check = (11 - total % 11) % 11
        if check < 10:
            return f"{nine}{check}"
    raise AssertionError("the numbers do not end")


class Care:
    """The service, its address, and what a test does behind its back."""

    def __init__(self, made: Beside) -> None:
        self.base = made.base
        self._service, self._loop = made._service, made._loop
        self._shift, clock = 0, self.desk.store.clock
        self.desk.store.clock = lambda: clock() + self._shift
        self.done(demonstration.load(self.desk))
        self.done(demonstration_accounts.load(self._service.sign_in))

    @property
    def service(self) -> Service:
        """The running service."""
        return self._service

    @property
    def desk(self) -> Any:
        """The desk."""
        return self._service.desk

    @property
    def now(self) -> int:
        """The service's own time, in milliseconds since 1970 UTC."""
        return int(self.desk.store.clock())

    def done(self, work: Coroutine[Any, Any, Done]) -> Done:
        """Let the service's own loop do something."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def visit(self, agency: str = "RX1", role: str = "") -> Visit:
        """Somebody of an agency, in the role that its workers have, at the desk."""
        caller = Caller(
            subject=Subject(_LOGINS.get(agency, agency)),
            agency=agency,  # type: ignore[arg-type]
            role=Role(role or _ROLES.get(agency, "coordinator")),
            scopes=parse("user/*.cruds"),
        )
        return Visit(caller=caller, door="cli", request="r")

    def person(self, given: str = "Ada", family: str = "Meadow", team: tuple[str, ...] = TEAM, **more: Any) -> PersonId:
        """A new person with a plan; RX1 and `team` are on it. `more`: fields of the native body."""
        body = {"name": {"given": [given], "family": family}, "birth_date": "1941-03-14", "nhs_number": nhs_number()}
        made = self.write(self.visit(), Deed(verb=Verb.CREATE, type="Patient", kind="person", body=body | more))
        person = PersonId(made)
        for agency in team:
            self.done(self.desk.add_member(self.visit(), person, agency, _ROLES[agency], _LOGINS[agency]))
        return person

    def add(self, agency: str, person: PersonId, kind: str, section: str = "", role: str = "", **body: Any) -> EntryId:
        """An entry that somebody of an agency writes; in the kind's home when no section is named."""
        where = Section(section) if section else KINDS[kind].home
        deed = Deed(verb=Verb.CREATE, type=FACES[kind].type, person=person, kind=kind, section=where, body=body)
        return EntryId(self.write(self.visit(agency, role), deed))

    def change(self, agency: str, person: PersonId, kind: str, id_: EntryId, **body: Any) -> None:
        """An entry is written anew by somebody of an agency."""
        deed = Deed(verb=Verb.UPDATE, type=FACES[kind].type, person=person, kind=kind, id=id_, body=body)
        self.write(self.visit(agency), deed)

    def write(self, visit: Visit, deed: Deed) -> str:
        """One deed; the id of what it wrote."""
        outcomes: Any = self.done(self.desk.write(visit, [deed]))
        return str(outcomes[0].stored.id)

    def later(self, **much: float) -> None:
        """Let time pass for the service: days, hours, minutes, seconds."""
        self._shift += round(timedelta(**much).total_seconds() * 1000)

    def turn(self) -> int:
        """The worker does what is due, once the calm after the last change is over."""
        self.later(seconds=2)
        return self.done(self._service.feed.turn())

    def sign_in(self, page: Page, login: str, to: str = "/care") -> None:
        """Sign in as somebody of Larch Court (api/demonstration_data.py), and go somewhere."""
        assert login in WORKERS
        page.goto(f"{self.base}/auth/sign-in?next={to}")
        page.get_by_label("User name").fill(login)
        page.get_by_label("Password").fill(DEMONSTRATION)
        page.get_by_role("button", name="Sign in").click()


@contextmanager
def caring(folder: Path, **tls: str) -> Iterator[Care]:
    """The service with Larch Court in it, until the end of the block. `tls`: uvicorn's words for a certificate."""
    with beside(folder, folder / "key.json", **tls) as made:
        yield Care(made)
