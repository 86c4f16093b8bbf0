"""What matters to the person, in their own words: written, added to and changed by themself."""

from dataclasses import replace
from datetime import datetime

from starlette.responses import Response

from api.pages.care.addresses import of_person
from api.pages.care.forms import Form
from api.pages.care.mine import own_view
from api.pages.care.reader import Reader
from api.pages.care.ways import Way
from api.pages.care.wording import Changed, label
from plan.known import Entry, Known
from plan.model import Json, Role
from plan.problem import Problem, Trouble

_MERGE = "application/merge-patch+json"
_SHELF = "plan/sections/about_me/about_me"


async def show(reader: Reader) -> Response:
    """The form, with the words as they are."""
    known = await _theirs(reader)
    entry = own_view.about_me(known)
    return _shown(reader, known, entry, Form(values=_values(entry)))


async def send(reader: Reader, form: Form) -> Response:
    """Keep the words. When somebody changed them meanwhile, both are shown, and nothing is lost."""
    known = await _theirs(reader)
    entry = own_view.about_me(known)
    said = {name: form.text(name) for name in own_view.PARTS}
    if not any(said.values()):
        form.fault("most_important", "Write at least one thing.")
    if not form.faults:
        try:
            await _keep(reader, form, entry, said, _today(known))
        except Problem as problem:
            form.blame(problem)
            reader.forget()
            known = await reader.known()
    if form.faults:
        return _shown(reader, known, own_view.about_me(known), form)
    return reader.go(
        f"{of_person(reader.person)}/mine", done="Your words were saved. Everybody who helps you can read them."
    )


async def _keep(reader: Reader, form: Form, entry: Entry | None, said: dict[str, str], today: str) -> None:
    """The whole of it anew, or a first one; what others wrote beside the words stays."""
    base = f"/v1/people/{reader.person}/{_SHELF}"
    if entry is None:
        body: dict[str, Json] = {name: text for name, text in said.items() if text}
        await reader.ask("POST", base, body | {"date": today}, key=form.key)
        return
    change: dict[str, Json] = {name: said[name] or None for name in said if said[name] or name in entry.body}
    more = {"media": _MERGE, "version": form.number("version")}
    await reader.ask("PATCH", f"{base}/{entry.id}", change | {"date": today}, key=form.key, **more)


def _shown(reader: Reader, known: Known, entry: Entry | None, form: Form) -> Response:
    return reader.page(
        "care/own_words.html",
        known,
        form=form,
        parts=list(own_view.PARTS.items()),
        version=entry.version if entry else "",
        differs=_differs(reader, known, entry, form) if form.fault_of("form") else [],
    )


def _differs(reader: Reader, known: Known, entry: Entry | None, form: Form) -> list[Changed]:
    """What stands there now, where it is not what was typed."""
    typed = {name: form.text(name) for name in own_view.PARTS if form.text(name)}
    there = {name: entry.body[name] for name in own_view.PARTS if entry and name in entry.body}
    found = reader.wording(known).changed(typed, there)
    labels = {label(name): said for name, said in own_view.PARTS.items()}
    return [replace(one, label=labels[one.label]) for one in found]


def _values(entry: Entry | None) -> dict[str, str]:
    held = {name: str(entry.body.get(name, "")) for name in own_view.PARTS} if entry else {}
    return held | {"version": str(entry.version) if entry else ""}


async def _theirs(reader: Reader) -> Known:
    """What is known, for the person alone: others write entries of their own. Raises NOT_FOUND, REFUSED."""
    known = await reader.known()
    if reader.role is not Role.PERSON:
        raise Problem(Trouble.REFUSED, "These are the person's own words. Only they change them here.")
    return known


def _today(known: Known) -> str:
    return datetime.fromtimestamp(known.now / 1000, known.zone).date().isoformat()


WAYS = (Way("/people/{person}/mine/words", show, send),)
