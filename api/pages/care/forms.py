"""Form: what somebody typed, kept as they typed it, with a sentence beside each field that is not as it must be."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from plan.problem import Problem, Trouble

WHOLE = "form"
"""The field of a fault that is no one field's: the form as a whole."""
_MENDABLE = frozenset(
    {
        Trouble.MALFORMED,
        Trouble.INVALID,
        Trouble.REQUIRED,
        Trouble.BAD_VALUE,
        Trouble.NOT_SUPPORTED,
        Trouble.TOO_COSTLY,
        Trouble.REFUSED,
        Trouble.DUPLICATE,
        Trouble.CONFLICT,
        Trouble.STALE,
        Trouble.UNPROCESSABLE,
        Trouble.KEY_REUSED,
    }
)
"""What a form can be shown again for. Whatever else it is has a page of its own."""
_SAID: Mapping[Trouble, str] = {
    Trouble.STALE: "Somebody changed this while you were writing. Look at what it is now, and send it again.",
    Trouble.CONFLICT: "Somebody else was changing the same. Send it again.",
    Trouble.KEY_REUSED: "This form was sent before. What you sent then was taken; open the page again to write more.",
}
"""What is said of these in place of the words for apps."""


class Blamed(NamedTuple):
    """One thing that is wrong: the id of the field, and a sentence."""

    field: str
    text: str


class Form:
    """A form as it is shown. `values`: what its fields hold before anybody types; `sent`: what came back.

    `key` makes that what is sent twice (a double click, a page that was reloaded) happens once.
    """

    def __init__(
        self, sent: Mapping[str, Sequence[str]] | None = None, values: Mapping[str, str | Sequence[str]] | None = None
    ) -> None:
        self._values = values or {}
        self._sent = sent
        self.faults: list[Blamed] = []
        self.key = self.text("key") or str(uuid.uuid4())

    @property
    def is_sent(self) -> bool:
        """Whether somebody has filled it in."""
        return self._sent is not None

    @property
    def names(self) -> list[str]:
        """The names of the fields that hold something, or that were sent."""
        return list(self._values if self._sent is None else self._sent)

    def all(self, name: str) -> list[str]:
        """All values of a field, as they were typed, with the line ends of this machine."""
        if self._sent is not None:
            return [one.replace("\r\n", "\n") for one in self._sent.get(name, ())]
        held = self._values.get(name, ())
        return [held] if isinstance(held, str) else list(held)

    def text(self, name: str) -> str:
        """The one value of a field, without space around it; empty when there is none."""
        return "\n".join(self.all(name)[:1]).strip()

    def number(self, name: str) -> int | None:
        """A whole number, as a hidden field holds a version; None for what is none."""
        said = self.text(name)
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None  # noqa: PLR2004

    def date(self, name: str) -> str:
        """A date from its three fields, as YYYY-MM-DD; empty when all are empty. What is none is blamed, and empty."""
        parts = [self.text(f"{name}-{part}") for part in ("year", "month", "day")]
        if not any(parts):
            return ""
        if all(part.isascii() and part.isdigit() for part in parts) and len(parts[0]) == 4:  # noqa: PLR2004
            with suppress(ValueError):
                return date(*(int(part) for part in parts)).isoformat()
        self.fault(name, "Enter a real date, as 27 3 2026.")
        return ""

    def fault(self, name: str, text: str) -> None:
        """Say what is wrong with a field."""
        self.faults.append(Blamed(name, text))

    def need(self, name: str, text: str) -> str:
        """A value that must be there: its text, or empty with a fault."""
        said = self.text(name)
        if not said:
            self.fault(name, text)
        return said

    def fault_of(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return " ".join(text for field, text in self.faults if field == name)

    def blame(self, problem: Problem, fields: Mapping[str, str] | None = None) -> None:
        """Put what the service refused beside its fields. `fields`: from names of the API to fields of this form.

        Raises the problem again where the form cannot be mended: what is not there, a service that cannot answer.
        """
        if problem.trouble not in _MENDABLE:
            raise problem
        if problem.trouble in _SAID:
            self.fault(WHOLE, _SAID[problem.trouble])
            return
        known = fields or {}
        for fault in problem.faults:
            name = str(fault.where[0]) if fault.where else ""
            said = fault.what if not fault.mend else f"{fault.what}. {fault.mend}"
            self.fault(known.get(name, name or WHOLE), f"{said[:1].upper()}{said[1:]}")
        if not problem.faults:
            self.fault(WHOLE, problem.detail or problem.trouble.value.title)


def dated(name: str, value: str) -> dict[str, str]:
    """The values of a date's three fields, from YYYY-MM-DD or a moment; empty for a date that is not whole."""
    parts = value[:10].split("-")
    if len(parts) != 3:  # noqa: PLR2004 - year, month, day
        return {}
    return {f"{name}-{part}": said.lstrip("0") for part, said in zip(("year", "month", "day"), parts, strict=True)}
