"""Is this a resource of FHIR R4, or R5? Every fault found, each with its place, a sentence and how to mend it.

First one walk over the published tables (elements.py), because fhir.resources accepts `"true"` for true, any code for
a required binding, script in a narrative and much else. What is sound so far is asked the published rules
(invariants.py), and goes through fhir.resources for what is left. Source: FHIR R4 4.0.1 and R5 5.0.0 json.html,
resource.html, references.html, StructureDefinitions and required bindings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from fhir_facade.dialects import dialect
from fhir_facade.elements import Codes, Element, Node, node, resource_types
from fhir_facade.invariants import Rule, rules
from fhir_facade.invariants_extra import extra
from fhir_facade.invariants_scope import Root, Scope, entries_by_address
from fhir_facade.library import library
from fhir_facade.primitives import CONDITIONAL, checks
from fhir_facade.references import RELATIVE
from fhir_facade.release import VersionName
from plan.problem import Fault, Path, Trouble, refuse_if

Json = Any
Faults = list[Fault]

MOST_FAULTS = 50
_IN_BUNDLE = ("entry", "resource")
"""Where a reference may be a search: the rules of the Bundle say whether it is a transaction."""
_NUMBER: Mapping[VersionName, str] = {"R4": "R4 (4.0.1)", "R5": "R5 (5.0.0)"}
_DEFINED = "http://hl7.org/fhir/StructureDefinition/"


def validate(resource: Json, type_: str | None = None, version: VersionName = "R4") -> None:
    """Do nothing when `resource` is a valid one of this version (of `type_`, when given); else raise one Problem.

    The Problem carries all faults, at most 50: a client mends a resource in one go. It is TOO_COSTLY for a resource
    whose rules would take seconds.
    """
    faults = _Walk(version).judge(resource, type_)
    refuse_if(faults[:MOST_FAULTS], Trouble.INVALID, _summary(faults))


def envelope(bundle: Json, version: VersionName = "R4") -> Faults:
    """The rules that a Bundle breaks, its resources apart: these are judged one by one by whoever takes them out.

    Raises the Problem of `validate` for what has not the shape of a Bundle.
    """
    walk = _Walk(version, apart=True)
    walk.resource(bundle, (), "Bundle")
    faults = walk.faults or library(_without_resources(bundle), version)
    refuse_if(faults[:MOST_FAULTS], Trouble.INVALID, _summary(faults))
    return walk.broken(errors=True)


def advice(resource: Json, version: VersionName = "R4") -> Sequence[Fault]:
    """Where a valid resource leaves good practice: the published rules that only warn."""
    walk = _Walk(version)
    walk.resource(resource, ())
    return tuple(walk.broken(errors=False))[:MOST_FAULTS]


def _summary(faults: Faults) -> str:
    if len(faults) > MOST_FAULTS:
        return f"More than {MOST_FAULTS} faults; the first {MOST_FAULTS} are listed"
    return ""


@dataclass(slots=True)
class _Walk:
    """One walk. `apart`: the resources in a Bundle are not gone into.

    `sound` collects each object that has rules: the name of its node, itself, its place, and what else they may see.
    """

    version: VersionName
    apart: bool = False
    faults: Faults = field(default_factory=list)
    sound: list[tuple[str, Json, Path, Scope]] = field(default_factory=list)
    scope: Scope = field(default_factory=lambda: Scope({}, Root({})))

    def judge(self, resource: Json, type_: str | None) -> Faults:
        """Everything that is wrong; rules are asked only of what has the right shape."""
        self.resource(resource, (), type_)
        if not self.faults:
            self.faults += self.broken(errors=True)
            self.faults += library(resource, self.version)
        return self.faults

    def broken(self, *, errors: bool) -> list[Fault]:
        """The rules that do not hold: those that must, or those that only advise."""
        return [
            self._broken(rule, (*where, *place))
            for name, value, where, scope in self.sound
            for rule in _asked(name, self.version, self.apart)
            if rule.error is errors
            for place in rule.broken(value, scope)
        ]

    def _broken(self, rule: Rule, where: Path) -> Fault:
        what = f"the rule {rule.key} of {self.version} does not hold here: {rule.says}"
        return Fault(what, where, "Correct what the rule speaks of.")

    def resource(self, value: Json, where: Path, type_: str | None = None, *, contained: bool = False) -> None:
        """A resource: the whole, one that it contains, or one in a Bundle."""
        if not isinstance(value, dict):
            self._fault(where, "a resource is a JSON object", 'Send {"resourceType": ...}.', Trouble.MALFORMED)
            return
        said = value.get("resourceType")
        wrong = self._type_fault(said, type_)
        if wrong:
            self._fault((*where, "resourceType"), *wrong)
            return
        if contained and "contained" in value:
            self._fault((*where, "contained"), "a contained resource contains no other", "Contain them side by side.")
        before = self.scope
        beside = entries_by_address(value) if said == "Bundle" else before.beside
        root = before.root if contained else Root(value, beside)
        self.scope = Scope(value, root, before.steps, beside)
        self._object(value, node(said, self.version), where)
        self.scope = before

    def _type_fault(self, said: Json, type_: str | None) -> tuple[str, str, Trouble] | None:
        if said is None:
            return "resourceType is missing", "Say which type of resource this is.", Trouble.REQUIRED
        if not isinstance(said, str) or said not in resource_types(self.version):
            mend = f"Use the name of an {_NUMBER[self.version]} resource type; names are case-sensitive."
            return f"there is no resource type {str(said)[:64]!r} in {self.version}", mend, Trouble.MALFORMED
        if type_ is not None and said != type_:
            mend = f"Send a {type_} here, or send this to /{said}."
            return f"this is a {said}, and a {type_} was expected", mend, Trouble.INVALID
        return None

    def _object(self, value: Json, shape: Node, where: Path) -> None:
        """One object: each of its members, then what it lacks; its rules are asked later."""
        if type(value) is not dict:
            self._fault(where, f"this must be an object ({shape.name})", self._look_up())
            return
        if not value or (value.keys() == {"id"} and shape.name != "Element"):
            self._fault(where, "an object says something besides its id", "Leave out what is not there.")
        if len(self.faults) > MOST_FAULTS:
            return
        self._members(value, shape, where)
        for said, members in shape.required:
            if members.isdisjoint(value):
                self._fault((*where, said), f"{said} is missing", f"{self.version} requires it.", Trouble.REQUIRED)
        if _asked(shape.name, self.version, self.apart):
            self.sound.append((shape.name, value, where, self.scope))

    def _members(self, value: dict[str, Json], shape: Node, where: Path) -> None:
        choices: dict[str, str] = {}
        for name, held in value.items():
            element = shape.elements.get(name)
            if element is None:
                self._unknown(name, shape, where)
                continue
            if element.choice:
                self._one_form(choices, name, element.choice, where)
            if element.many:
                self._list(value, name, element, where)
            else:
                self._value(held, element, (*where, name))

    def _value(self, held: Json, element: Element, where: Path) -> None:
        if element.primitive:
            wrong = checks(self.version)[element.type](held)
            if not wrong and element.codes is not None and held not in element.code:
                wrong = f"the code {held!r} is not one that {self.version} allows here"
                self._fault(where, wrong, f"Use one of: {', '.join(sorted(element.code))}.", Trouble.BAD_VALUE)
            elif wrong and not (wrong == CONDITIONAL and where[::2][:2] == _IN_BUNDLE):
                self._fault(where, wrong, trouble=Trouble.BAD_VALUE)
        elif element.type == "Resource":
            if not (self.apart and where[::2] == _IN_BUNDLE):
                self.resource(held, where, contained=where[-2:-1] == ("contained",))
        else:
            self._object(held, node(element.type, self.version), where)
            if element.codes is not None and isinstance(held, dict):
                self._bound(held, element.codes, where)
            if element.targets and isinstance(held, dict):
                self._target(held, element, where)

    def _list(self, value: Json, name: str, element: Element, where: Path) -> None:
        held = value[name]
        if type(held) is not list or not held:
            what = "this array is empty" if type(held) is list else "this element repeats: it must be an array"
            self._fault((*where, name), what, "Write it as an array of at least one member, or leave it out.")
            return
        for at, member in enumerate(held):
            if member is None and (element.primitive or element.aside):
                twin = value.get(name[1:] if element.aside else f"_{name}")
                if not isinstance(twin, list) or len(twin) <= at or twin[at] is None:
                    self._fault((*where, name, at), "null stands for nothing here", "Leave the member out.")
            else:
                self._value(member, element, (*where, name, at))

    def _one_form(self, choices: dict[str, str], name: str, choice: str, where: Path) -> None:
        plain = name.removeprefix("_")
        taken = choices.setdefault(choice, plain)
        if taken != plain:
            self._fault((*where, name), f"{taken} and {plain} are two forms of {choice}", "Send only one of them.")

    def _unknown(self, name: str, shape: Node, where: Path) -> None:
        short = name[:64]
        other = dialect(shape.name, name, self.version)
        what = f"{self.version} has no element {short!r} in {shape.name}"
        mend = "Names are case-sensitive; or use an extension."
        if other:
            mend = f"This looks like {other}; this address speaks {_NUMBER[self.version]}."
        elif name == "fhir_comments":
            mend = "FHIR took comments out of JSON after DSTU2; leave them out."
        elif f"{name}[x]" in {element.choice for element in shape.elements.values()}:
            mend = f"Say its type in its name, as in {_form(shape, name)}."
        self._fault((*where, short), what, mend, Trouble.MALFORMED)

    def _bound(self, held: Mapping[str, Json], codes: Codes, where: Path) -> None:
        """A required binding of a Coding, or of a CodeableConcept, of which one coding must be from the set."""
        codings = held.get("coding", []) if "coding" in held or "text" in held else [held]
        said = [coding for coding in codings if isinstance(coding, dict)] if isinstance(codings, list) else []
        if not any(str(coding.get("code")) in codes.get(str(coding.get("system")), ()) for coding in said):
            listed = "; ".join(f"{system}: {', '.join(sorted(some))}" for system, some in codes.items())
            what = f"no code here is one that {self.version} allows"
            self._fault(where, what, f"Use one of {listed}.", Trouble.BAD_VALUE)

    def _target(self, held: Mapping[str, Json], element: Element, where: Path) -> None:
        """What a reference says that it leads to is one of the types that it may lead to."""
        if element.type == "CodeableReference":
            held, where = held.get("reference", {}), (*where, "reference")
            if not isinstance(held, dict):
                return
        text, said = held.get("reference"), held.get("type")
        led = self._led_to(text) if isinstance(text, str) else ""
        said = said.removeprefix(_DEFINED) if isinstance(said, str) else ""
        for name, type_ in (("reference", led), ("type", said if "/" not in said else "")):
            if type_ and type_ not in element.targets:
                mend = f"It may lead to: {', '.join(sorted(element.targets))}."
                self._fault((*where, name), f"this may not refer to a {type_[:64]}", mend, Trouble.BAD_VALUE)
        if led and said and led != said:
            what = f"the reference leads to a {led}, and its type says {said[:64]}"
            self._fault((*where, "type"), what, "Correct one of the two.", Trouble.BAD_VALUE)

    def _led_to(self, reference: str) -> str:
        """The type that a reference tells of: by its own text, or by what is contained; "" when nothing tells."""
        if reference[:1] == "#":
            there = self.scope.root.contained.get(reference[1:], {})
            return str(there.get("resourceType", ""))
        found = RELATIVE.fullmatch(reference)
        return found["type"] if found else ""

    def _look_up(self) -> str:
        return f"Look the element up in {_NUMBER[self.version]}."

    def _fault(self, where: Path, what: str, mend: str = "", trouble: Trouble = Trouble.INVALID) -> None:
        self.faults.append(Fault(what, where, mend, trouble))


@cache
def _asked(name: str, version: VersionName, apart: bool) -> tuple[Rule, ...]:  # noqa: FBT001 - one key of the cache
    return rules(name, version) + (() if apart else extra(name))


def _form(shape: Node, name: str) -> str:
    return next(member for member, element in shape.elements.items() if element.choice == f"{name}[x]")


def _without_resources(bundle: Json) -> Json:
    """The Bundle without its resources; an entry that holds nothing else keeps an empty place."""
    if "entry" not in bundle:
        return bundle
    bare = [{name: value for name, value in entry.items() if name != "resource"} for entry in bundle["entry"]]
    return {**bundle, "entry": [entry or {"id": "bare"} for entry in bare]}
