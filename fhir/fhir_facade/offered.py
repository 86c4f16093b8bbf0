"""Which parameters each version of FHIR may search a type by.

R4 has its published ones and ours (fhir_facade.params), R5 its own over what is stored (fhir_facade.newer).
"""

from collections.abc import Mapping
from functools import cache

from fhir_facade.newer import newer
from fhir_facade.params import OF_ALL, Param, params
from fhir_facade.release import VersionName
from fhir_facade.resources import Resource
from fhir_facade.versions import R4, Version


def offered(row: Resource, version: Version = R4) -> Mapping[str, Param]:
    """Every parameter by which a version searches a type; none for a type that the version has not."""
    shown = version.shown_type(row.type)
    return _of(row.type, shown, version.name) if shown else {}


def common(version: Version = R4) -> Mapping[str, Param]:
    """The parameters that every type has: all that a search over several types may ask by."""
    return {param.name: param for param in OF_ALL[version.name]}


@cache
def _of(type_: str, shown: str, version: VersionName) -> Mapping[str, Param]:
    own = params(type_) if version == "R4" else newer(type_, shown)
    return {param.name: param for param in (*OF_ALL[version], *own)}
