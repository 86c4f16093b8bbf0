"""Finding a person: by NHS number, or by family name and birth date. What is typed never stands in an address.

Whom the reader may not see is not found, in the same words as somebody who is not there.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.forms import WHOLE, Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.work.lists import wording
from plan.identity import NHS_NUMBER, identity
from plan.kinds import PERSON
from plan.model import PersonId, Role

MOST: Final = "20"
NOBODY: Final = "Nobody was found among those whose plans you may see."
MAY_OPEN: Final = frozenset({Role.CLINICIAN, Role.SOCIAL_WORKER, Role.COORDINATOR})
"""Who may open a plan in an emergency (access.md, "Override")."""


async def show(reader: Reader) -> Response:
    """The form."""
    return _page(reader, Form())


async def send(reader: Reader, form: Form) -> Response:
    """One who is found: their plan. Several: their names. Nobody: whichever reason there is, the same words."""
    query = _query(form)
    if form.faults:
        return _page(reader, form)
    found = (await reader.ask("GET", "/v1/people", query={**query, "limit": MOST})).body["items"]
    if len(found) == 1:
        return reader.go(of_person(PersonId(found[0]["id"])))
    if not found:
        form.fault(WHOLE, NOBODY)
    return _page(reader, form, found=[_told(one) for one in found])


def _query(form: Form) -> dict[str, str]:
    """What is asked of the API; faults for what cannot be asked."""
    if form.text("nhs_number"):
        try:
            identity(NHS_NUMBER, form.text("nhs_number"))
        except ValueError as error:
            form.fault("nhs_number", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        return {"nhs_number": form.text("nhs_number")}
    family = form.need("family", "Enter an NHS number, or a family name and a date of birth.")
    born = form.date("born")
    if not born and not form.fault_of("born"):
        form.fault("born", "Enter the date of birth as a day, a month and a year, such as 27 3 1941.")
    return {"name": family, "birth_date": born}


def _page(reader: Reader, form: Form, **said: Any) -> Response:
    nobody = form.fault_of(WHOLE) == NOBODY
    may = reader.role in MAY_OPEN
    return reader.page("care/find.html", form=form, words=wording(reader), nobody=nobody, may_open=may, **said)


def _told(body: Mapping[str, Any]) -> dict[str, str]:
    number = str(body.get("nhs_number", ""))
    return {
        "name": PERSON.title(dict(body)),
        "href": of_person(PersonId(body["id"])),
        "born": str(body.get("birth_date", "")),
        "number": f"{number[:3]} {number[3:6]} {number[6:]}".strip(),
    }


WAYS = (Way("/find", show, send),)
