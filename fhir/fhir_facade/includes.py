"""What comes along with a page: `_include=Source:param:Target`, `_revinclude`, `:iterate`, and `*`.

Source: FHIR R4 search.html 3.1.1.5.4. An inclusion that cannot bring anything counts as unknown: it is left out of
what was applied, or refused where the client is strict.
"""

from collections.abc import Set as AbstractSet

from fhir_facade.chains import Reader
from fhir_facade.offered import offered
from fhir_facade.resources import RESOURCES
from plan.query import Include

MOST_INCLUDES = 20
_NAMES = frozenset({"_include", "_revinclude"})
_AGAIN = frozenset({"iterate", "recurse"})
"""R3 said `recurse`."""


def is_include(name: str) -> bool:
    """Whether a parameter says what comes along."""
    return name.partition(":")[0] in _NAMES


def include(reader: Reader, types: AbstractSet[str], name: str, text: str) -> Include | None:
    """What one parameter brings along with entries of `types` (as they are stored); None when it can bring nothing."""
    said, _, modifier = name.partition(":")
    reverse, again = said == "_revinclude", modifier in _AGAIN
    source, colon, rest = text.strip().partition(":")
    if modifier and not again:
        return None
    if source == "*" and not colon:
        return None if reverse or again or len(types) != 1 else Include(next(iter(types)), "*")
    stored = reader.version.stored_type(source)
    if stored not in RESOURCES or stored is None or not (reverse or again or stored in types):
        return None
    param, _, wanted = rest.partition(":")
    target = reader.version.stored_type(wanted) if wanted else None
    if wanted and target not in RESOURCES:
        return None
    key = _key(reader, stored, param, _led_to(types, target, reverse=reverse, again=again))
    return Include(stored, key, target, again, reverse) if key else None


def _led_to(types: AbstractSet[str], target: str | None, *, reverse: bool, again: bool) -> AbstractSet[str]:
    """Of which types one must be a target of the reference; any when none is."""
    if target:
        return {target}
    return types if reverse and not again else frozenset()


def _key(reader: Reader, source: str, name: str, wanted: AbstractSet[str]) -> str | None:
    """The index rows of the reference, when it can point to one of the types that are wanted."""
    if name == "*":
        return "*"
    param = offered(RESOURCES[source], reader.version).get(name)
    if param is None or param.family != "reference":
        return None
    allowed = reader.targets(param)
    return param.key if not allowed or not wanted or allowed & wanted else None
