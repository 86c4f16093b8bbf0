"""How the fields of an entry stand in a form: one row a shape, with its macro, how it is written into inputs and read.

What was sent is compared with what the form showed: a field that comes back as it was written is unchanged, and keeps
every digit, second and code that no input can show. Only what differs is read.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from api.pages.care.forms import Form
from fhir_facade import exact
from plan.known import LONDON, moment
from plan.model import Json

MOST_ROWS: Final = 12
"""How many rows of a list a form can show; a longer one is kept as it is."""
KEPT: Final = "kept"
_DAY, _MONTH = "YYYY-MM-DD", "YYYY-MM"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,10})?")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")
_PARTS = ("day", "month", "year")
Inputs = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form. `name`: of its input, which is its id too; `key`: what it is called in its object.

    `value`: what the entry holds, None for nothing. `parts`: the fields of a group, or the groups of rows.
    `lines`: its value in words, of one that is only kept.
    """

    name: str
    key: str
    label: str
    shape: str
    value: Any = None
    needed: bool = False
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    parts: tuple["Field", ...] = ()

    @property
    def macro(self) -> str:
        """The macro that shows it."""
        return SHAPES[self.shape].macro

    @property
    def title(self) -> str:
        """Its label, with a word where it can be left out; what is in a group is left out with it."""
        said = self.needed or self.shape == KEPT or "-" in self.name
        return self.label if said else f"{self.label} (optional)"

    @property
    def has_room(self) -> bool:
        """Whether a list can have a further row here."""
        return len(self.parts) < MOST_ROWS

    def each(self) -> Iterator["Field"]:
        """It, and all that is in it."""
        yield self
        for part in self.parts:
            yield from part.each()


class Shape(NamedTuple):
    """One shape: the macro that shows it, whether an input can hold a value, and both ways between value and inputs."""

    macro: str
    holds: Callable[[Any], bool]
    write: Callable[[Field], Inputs]
    read: Callable[[Field, Form], Json]


# the law of the round trip


def written(fields: Iterable[Field]) -> Inputs:
    """The inputs that show these fields."""
    made: Inputs = {}
    for field in fields:
        made |= SHAPES[field.shape].write(field)
    return made


def is_same(field: Field, form: Form) -> bool:
    """Whether a field came back as it was shown."""
    if field.parts and any(form.text(f"{part.name}-gone") for part in field.parts):
        return False
    return all(_plain(field, form.all(name)) == _plain(field, shown) for name, shown in written([field]).items())


def taken(field: Field, form: Form) -> Json:
    """The value of a field as it was sent; None for nothing. What cannot be read is blamed."""
    return field.value if is_same(field, form) else SHAPES[field.shape].read(field, form)


def changes(fields: Iterable[Field], form: Form) -> dict[str, Json]:
    """The fields that were changed, with their new values; None takes one away. What is missing is blamed."""
    found: dict[str, Json] = {}
    for field in fields:
        said = taken(field, form)
        if field.needed and said is None and not form.fault_of(field.name):
            _miss(field, form)
        if said != field.value:
            found[field.key] = said
    return found


def merge_patch(was: Json, now: Json) -> Json:
    """What turns one value into the other (RFC 7396)."""
    if not (isinstance(was, dict) and isinstance(now, dict)):
        return now
    gone: dict[str, Json] = dict.fromkeys(name for name in was if name not in now)
    return gone | {name: merge_patch(was.get(name), value) for name, value in now.items() if was.get(name) != value}


def _plain(field: Field, said: Iterable[str]) -> list[str]:
    """Values as any browser sends them: ends of lines, and the space around."""
    texts = [one.replace("\r\n", "\n").replace("\r", "\n") for one in said]
    if not any(one.shape in ("prose", "lines") for one in field.each()):
        texts = [one.replace("\n", "") for one in texts]
    return sorted(filter(None, (one.strip() for one in texts)))


def _miss(field: Field, form: Form) -> None:
    verb = "Choose" if field.options else "Enter"
    form.fault(field.name, f"{verb} {field.label[:1].lower()}{field.label[1:]}.")


# one shape after the other


def _one(field: Field) -> Inputs:
    return {field.name: ["" if field.value is None else str(field.value)]}


def _text(field: Field, form: Form) -> Json:
    return form.text(field.name) or None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _write_lines(field: Field) -> Inputs:
    return {field.name: ["\n".join(field.value or ())]}


def _read_lines(field: Field, form: Form) -> Json:
    lines: list[Json] = [line.strip() for line in form.text(field.name).split("\n") if line.strip()]
    return lines or None


def _are_lines(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, str) and one == one.strip() and one.splitlines() == [one] for one in value
    )


def _read_whole(field: Field, form: Form) -> Json:
    said = form.text(field.name)
    if said and not _WHOLE.fullmatch(said):
        form.fault(field.name, "Enter a whole number.")
        return None
    return int(said) if said else None


def _read_number(field: Field, form: Form) -> Json:
    said = form.text(field.name)
    if said and not _NUMBER.fullmatch(said):
        form.fault(field.name, "Enter a number, such as 71.4.")
        return None
    return (exact.Number(said) if "." in said else int(said)) if said else None


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and not isinstance(value, str | list | dict)


def _write_yes(field: Field) -> Inputs:
    return {field.name: ["" if field.value is None else "yes" if field.value else "no"]}


def _read_yes(field: Field, form: Form) -> Json:
    return {"yes": True, "no": False}.get(form.text(field.name))


def _write_some(field: Field) -> Inputs:
    return {field.name: list(field.value or ())}


def _read_some(field: Field, form: Form) -> Json:
    """Those that were there and are ticked stay in their order; the new ones follow."""
    ticked = list(dict.fromkeys(form.all(field.name)))
    before = [one for one in field.value or () if one in ticked]
    return [*before, *(one for one in ticked if one and one not in before)] or None


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _write_coding(field: Field) -> Inputs:
    held = field.value or {}
    return {field.name: [str(held.get("text") or held.get("display") or held.get("code") or "")]}


def _read_coding(field: Field, form: Form) -> Json:
    """Another text is another concept: a code of what it was says nothing of it."""
    said = form.text(field.name)
    return {"text": said} if said else None


def _write_date(field: Field) -> Inputs:
    parts = str(field.value or "").split("-")
    year, month, day = (*parts, "", "")[:3]
    shown = zip(_PARTS, (day.lstrip("0"), month.lstrip("0"), year), strict=True)
    return {f"{field.name}-{part}": [said] for part, said in shown}


def _read_date(field: Field, form: Form) -> Json:
    said = {part: form.text(f"{field.name}-{part}") for part in _PARTS}
    if not any(said.values()):
        return None
    if all(one.isascii() and one.isdigit() for one in said.values() if one) and len(said["year"]) == len("YYYY"):
        with suppress(ValueError):
            return _dated(said["year"], said["month"], said["day"])
    form.fault(field.name, "Enter a real date, such as 27 3 2026, or a month and year, or a year.")
    return None


def _dated(year: str, month: str, day: str) -> str:
    """A date as precise as it was said. Raises ValueError."""
    if day and not month:
        raise ValueError("a day without its month")
    whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    return whole[: len(_DAY if day else _MONTH if month else "YYYY")]


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and "T" not in value and moment(value) is not None


def _write_when(field: Field) -> Inputs:
    local = _local(field.value)
    day = Field(
        name=field.name,
        key="",
        label="",
        shape="date",
        value=local.date().isoformat() if local else field.value,
    )
    return {**_write_date(day), f"{field.name}-time": [f"{local:%H:%M}" if local else ""]}


def _read_when(field: Field, form: Form) -> Json:
    day, said = _read_date(field, form), form.text(f"{field.name}-time")
    if not said or form.fault_of(field.name):
        return day
    clock = _CLOCK.fullmatch(said)
    if not clock or not isinstance(day, str) or len(day) != len(_DAY):
        form.fault(field.name, "Enter a time such as 14:05, with its whole date.")
        return None
    local = datetime.fromisoformat(f"{day}T{int(clock[1]):02d}:{clock[2]}:00").replace(tzinfo=LONDON)
    return local.isoformat()


def _read_moment(field: Field, form: Form) -> Json:
    said = _read_when(field, form)
    if isinstance(said, str) and "T" not in said:
        form.fault(field.name, "Enter the time as well, such as 14:05.")
        return None
    return said


def _local(value: Any) -> datetime | None:
    """A moment in local time; None for a date."""
    at = moment(value) if isinstance(value, str) and "T" in value else None
    return None if at is None else datetime.fromtimestamp(at / 1000, LONDON)


def _is_when(value: Any) -> bool:
    if not isinstance(value, str) or "T" not in value:
        return _is_date(value)
    try:
        return _local(value) is not None
    except (ValueError, OverflowError):
        return False


def _write_parts(field: Field) -> Inputs:
    return written(field.parts)


def _read_group(field: Field, form: Form) -> Json:
    made: dict[str, Json] = dict(field.value or {})
    for part in field.parts:
        said = taken(part, form)
        made.pop(part.key, None)
        if said is not None:
            made[part.key] = said
    for part in field.parts if made else ():
        if part.needed and part.key not in made and not form.fault_of(part.name):
            _miss(part, form)
    return made or None


def _write_rows(field: Field) -> Inputs:
    return {f"{field.name}-count": [str(len(field.parts))], **written(field.parts)}


def _read_rows(field: Field, form: Form) -> Json:
    rows = [taken(row, form) for row in field.parts if not form.text(f"{row.name}-gone")]
    return [row for row in rows if row is not None] or None


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _are_rows(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_ROWS and all(isinstance(one, dict) for one in value)


SHAPES: Final[Mapping[str, Shape]] = {
    "line": Shape("text", _is_text, _one, _text),
    "clock": Shape("text", _is_text, _one, _text),
    "prose": Shape("prose", _is_text, _one, _text),
    "lines": Shape("prose", _are_lines, _write_lines, _read_lines),
    "whole": Shape("text", _is_number, _one, _read_whole),
    "number": Shape("text", _is_number, _one, _read_number),
    "yes": Shape("one_of", lambda value: isinstance(value, bool), _write_yes, _read_yes),
    "word": Shape("one_of", _is_text, _one, _text),
    "choice": Shape("choice", _is_text, _one, _text),
    "some": Shape("some_of", _are_texts, _write_some, _read_some),
    "coding": Shape("text", _is_object, _write_coding, _read_coding),
    "date": Shape("date", _is_date, _write_date, _read_date),
    "when": Shape("when", _is_when, _write_when, _read_when),
    "moment": Shape("when", _is_when, _write_when, _read_moment),
    "group": Shape("group", _is_object, _write_parts, _read_group),
    "rows": Shape("rows", _are_rows, _write_rows, _read_rows),
    KEPT: Shape(KEPT, lambda _: True, lambda _: {}, lambda field, _: field.value),
}
"""Every shape that a field of an entry can have in a form."""
