"""Conditions that lead through references: `patient.name=x`, `subject:Patient.identifier=x`, `_has:Task:focus:code=x`.

Source: FHIR R4 search.html 3.1.1.5.2 and 3.1.1.5.3. A chain without a type goes to every type that the reference may
point to and that knows the next parameter. All of it is bounded: the steps of a chain, and what one search asks for
altogether.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from fhir_facade.leaves import leaves, targets
from fhir_facade.modifiers import condition, modifiers
from fhir_facade.offered import offered
from fhir_facade.params import Param
from fhir_facade.resources import RESOURCES, Resource
from fhir_facade.searched import Term
from fhir_facade.versions import Version
from plan.problem import Fault, Problem, Trouble
from plan.query import Chain, Condition, Has

MOST_STEPS = 3
MOST_TARGETS = 12
"""Types that one step of a chain may lead to; beyond, the client says which it means."""
MOST_WORK = 600
"""What one search may ask for: a value counts one, a type that a chain leads to ten."""
_STEP = 10


class UnknownParameterError(LookupError):
    """A parameter that the type does not have: left out, or refused where the client is strict."""


@dataclass(slots=True)
class Reader:
    """Reads conditions of one search; `work` is what it asks for so far."""

    version: Version
    base: str
    work: int = 0

    def read(self, row: Resource, name: str, text: str, steps: int = 0) -> Condition:
        """The condition that `name=text` sets on entries of a type.

        Raises UnknownParameterError, and Problem(BAD_VALUE, NOT_SUPPORTED, TOO_COSTLY).
        """
        if name.startswith("_has:"):
            return self._has(row, name, text, steps)
        head, dot, rest = name.partition(".")
        plain, _, modifier = head.partition(":")
        param = offered(row, self.version).get(plain)
        if param is None:
            raise UnknownParameterError(plain)
        if dot:
            return Condition(param.key, tuple(self._chains(param, modifier, (rest, text), steps)))
        return self.plain(param, modifier, text)

    def plain(self, param: Param, modifier: str, text: str) -> Condition:
        """The condition of one parameter without a chain."""
        if modifier and modifier not in modifiers(param, self.version):
            what = f"the modifier of {short(f'{param.name}:{modifier}')} is not supported"
            unsupported(what, "Search without it.")
        found = condition(Term(param, modifier, self.base, self.version), text)
        self._spend(len(found.any_of) + 1)
        return found

    def _chains(self, param: Param, modifier: str, next_: tuple[str, str], steps: int) -> Iterator[Chain]:
        self._step(steps)
        known = [row for row in self._led_to(param, modifier) if self._knows(row, next_[0])]
        if len(known) > MOST_TARGETS:
            what = f"{param.name} may point to {len(known)} types that know the next parameter"
            costly(what, f"Say which one: {param.name}:Type.")
        if not known:
            what = f"nothing that {param.name} points to is searched by {short(next_[0])}"
            unsupported(what, "The CapabilityStatement at /metadata lists the parameters of each type.")
        self._spend(_STEP * len(known))
        for row in known:
            yield Chain(row.type, (self.read(row, *next_, steps + 1),))

    def _led_to(self, param: Param, modifier: str) -> Iterator[Resource]:
        """The served types that a reference parameter may point to, or the one that was named."""
        if param.family != "reference" or not any(leaf.type == "Reference" for leaf in leaves(param)):
            unsupported(f"{param.name} is no reference to a resource", "A chain leads through references.")
        allowed = self.targets(param)
        only = self._stored(modifier)
        for row in RESOURCES.values():
            if (not allowed or row.type in allowed) and (not modifier or row.type == only):
                yield row

    def _knows(self, row: Resource, name: str) -> bool:
        head = name.partition(".")[0].partition(":")[0]
        return head == "_has" or head in offered(row, self.version)

    def _has(self, row: Resource, name: str, text: str, steps: int) -> Condition:
        self._step(steps)
        self._spend(_STEP)
        _, type_, ref, rest = (*name.split(":", 3), "", "", "")[:4]
        source = RESOURCES.get(self._stored(type_) or "")
        if source is None or not rest:
            mend = "Write _has:Type:reference:parameter, with a type that is served."
            unsupported(f"{short(name)} cannot be read", mend)
        param = offered(source, self.version).get(ref)
        if param is None or param.family != "reference":
            unsupported(f"{short(ref)} is no reference parameter of {source.type}", "Name one that is.")
        allowed = self.targets(param)
        if allowed and row.type not in allowed:
            unsupported(f"{ref} of {source.type} does not point to {row.type}", "Name a reference that does.")
        try:
            inner = self.read(source, rest, text, steps + 1)
        except UnknownParameterError:
            what = f"{source.type} is not searched by {short(rest)}"
            unsupported(what, "The CapabilityStatement at /metadata lists the parameters of each type.")
        return Condition("_has", (Has(source.type, param.key, (inner,)),))

    def targets(self, param: Param) -> frozenset[str]:
        """The stored types that a reference parameter may point to; none when it may be any."""
        found = targets(param)
        if param.version == "R4":
            return found
        return frozenset(self._stored(type_) or type_ for type_ in found)

    def _stored(self, type_: str) -> str | None:
        return self.version.stored_type(type_) if type_ else None

    def _step(self, steps: int) -> None:
        if steps >= MOST_STEPS:
            costly(f"a chain has at most {MOST_STEPS} steps", "Search in several steps.")

    def _spend(self, work: int) -> None:
        self.work += work
        if self.work > MOST_WORK:
            costly("the search asks for too much at once", "Ask in several searches.")


def short(name: str) -> str:
    """A name from outside, as a refusal may repeat it."""
    return repr(name[:64])


def unsupported(what: str, mend: str) -> NoReturn:
    """Refuse what is not offered."""
    raise Problem(Trouble.NOT_SUPPORTED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


def costly(what: str, mend: str) -> NoReturn:
    """Refuse what asks for too much."""
    raise Problem(Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
