"""What a section says of itself: its summary, its note, when it is to be reviewed, and why there is nothing to say.

Its version moves with the list of its entries as well, so what is compared is what the form showed.
"""

from hashlib import blake2b

from starlette.responses import Response

from api.pages.care.addresses import of_section
from api.pages.care.editing import formed
from api.pages.care.editing.entries import leave_of, section_of
from api.pages.care.editing.fielded import Field, changes, written
from api.pages.care.forms import WHOLE, Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import SECTIONS
from auth.access import Question, refusal
from fhir_facade import exact
from plan.kinds import SECTION
from plan.known import Entry, Known
from plan.problem import Problem, Trouble


async def show(reader: Reader) -> Response:
    """The form."""
    known = await reader.known()
    own = await _own(reader, known)
    fields = formed.fields_of(reader, known, SECTION.name, own.body)
    return _page(reader, known, own, fields, Form(values=written(fields)))


async def send(reader: Reader, form: Form) -> Response:
    """Take it."""
    known = await reader.known()
    own = await _own(reader, known)
    fields = formed.fields_of(reader, known, SECTION.name, own.body, form)
    changed = changes(fields, form)
    to = of_section(known.person, own.section)
    if not form.faults and not changed:
        return reader.go(to, done="Nothing was different, so nothing was changed.")
    if form.text("read") != _digest(own):
        return _overtaken(reader, known, own, fields, form)
    if not form.faults:
        at = f"/v1/people/{known.person}/plan/sections/{own.section}"
        body, why = formed.with_changes(own.body, changed), form.text("why")
        try:
            await reader.ask("PUT", at, body, key=form.key, version=own.version, why=why)
        except Problem as problem:
            formed.blame(form, problem, fields)
    if form.faults:
        return _page(reader, known, own, fields, form)
    return reader.go(to, done="The summary was saved.")


async def _own(reader: Reader, known: Known) -> Entry:
    """What the section says of itself. Raises NOT_FOUND where it is not seen, REFUSED where it is not theirs."""
    section = section_of(reader)
    own = next((entry for entry in known.of(SECTION.name) if entry.section == section), None)
    if own is None:
        raise Problem(Trouble.NOT_FOUND)
    if (await leave_of(reader))["sections"][section]["write"] != "any":
        raise refusal(Question.CHARTER, "You may not change what this section says.", "Ask whoever manages it.")
    return own


def _overtaken(reader: Reader, known: Known, own: Entry, fields: tuple[Field, ...], form: Form) -> Response:
    form.fault(WHOLE, "Somebody changed this while you were writing. Look at what it is now, and save again.")
    return _page(reader, known, own, fields, form, is_overtaken=True)


def _page(
    reader: Reader, known: Known, own: Entry, fields: tuple[Field, ...], form: Form, *, is_overtaken: bool = False
) -> Response:
    words, name = reader.wording(known), SECTIONS[own.section]
    now = {one.name: words.lines(one.value) or ["Nothing"] for one in fields} if is_overtaken else {}
    return formed.page(
        reader,
        known,
        SECTION.name,
        fields,
        form,
        status=412 if is_overtaken else 200,
        heading="Change the summary",
        caption=name,
        back=(of_section(known.person, own.section), f"Back to {name.lower()}"),
        hidden={"read": _digest(own)},
        now=now,
    )


def _digest(own: Entry) -> str:
    return blake2b(exact.dumps(dict(own.body)), digest_size=8).hexdigest()


WAYS: tuple[Way, ...] = (Way("/people/{person}/sections/{section}/change", show, send),)
