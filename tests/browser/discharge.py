"""A discharge that is planned, for the pages of work: a person in hospital whose home is asked to be ready."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from api.deeds import Deed
from auth.access import Verb
from fhir_facade.faces import FACES
from plan.model import EntryId, PersonId
from tests.browser.care import TEAM, Care

LARCH = {"scheme": "Larch Court", "parent_uprn": "100000000001", "household": "Lives alone"}


@dataclass
class Leaving:
    """Somebody who is to leave hospital."""

    care: Care
    person: PersonId
    stay: EntryId

    @property
    def at(self) -> str:
        """The page of the stay."""
        return f"/care/people/{self.person}/stays/{self.stay}"

    def item(self, code: str) -> str:
        """The page of an item."""
        return f"{self.at}/items/{self.entry(code).id}"

    def entry(self, code: str) -> Any:
        """An item as it is now."""
        known = self.care.done(self.care.desk.known(self.care.visit("RX1"), self.person))
        return next(one for one in known.of("readiness") if one.body["item"] == code)

    def confirm(self, *but: str) -> None:
        """Everybody confirms what is asked of them, `but` these; the summary first, on which another depends."""
        known = self.care.done(self.care.desk.known(self.care.visit("RX1"), self.person))
        items = sorted(known.of("readiness"), key=lambda one: one.body["item"] != "hospital.summary")
        for one in items:
            if one.body["item"] not in but:
                self._change(one, one.agency, {**one.body, "status": "confirmed"})

    def change(self, **fields: Any) -> None:
        """The hospital says something else of the stay; the worker does what follows."""
        known = self.care.done(self.care.desk.known(self.care.visit("RX1"), self.person))
        one = known.entries[self.stay]
        body = {name: value for name, value in (one.body | fields).items() if name != "notice"}
        self._change(one, "RX1", body)
        self.care.turn()

    def _change(self, one: Any, agency: str, body: dict[str, Any]) -> None:
        deed = Deed(
            verb=Verb.UPDATE,
            type=FACES[one.kind].type,
            kind=one.kind,
            person=self.person,
            id=one.id,
            version=one.version,
            body=body,
        )
        self.care.write(self.care.visit(agency), deed)


def hour(care: Care, **much: float) -> str:
    """A whole hour from now, as it is written."""
    then = datetime.fromtimestamp(care.now / 1000, UTC) + timedelta(**much)
    return then.strftime("%Y-%m-%dT%H:00:00Z")


def leaving(
    care: Care,
    given: str = "Ada",
    family: str = "Meadow",
    team: tuple[str, ...] = TEAM,
    *,
    asked: bool = True,
    **more: Any,
) -> Leaving:
    """Somebody who is to leave in two days; everybody was asked, or will be (`asked`). `more`: fields of the stay."""
    person = care.person(given, family, team)
    care.add("HA1", person, "housing", **LARCH)
    stay = {
        "status": "in_hospital",
        "hospital": {"reference": "Organization/RX1", "name": "Test Hospital"},
        "ward": "4B",
        "admitted": hour(care, days=-3),
        "planned_discharge": hour(care, days=2, hours=3),
    }
    made = Leaving(care, person, care.add("RX1", person, "stay", **(stay | more)))
    if asked:
        care.turn()
    return made


def many(care: Care, family: str, count: int) -> None:
    """So many who are to leave; everybody was asked."""
    for number in range(count):
        leaving(care, f"N{number}", family, asked=False)
    care.turn()
