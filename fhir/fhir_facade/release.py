"""The names of the releases of FHIR that are known, apart from what is done with them: the tables need only these."""

from typing import Any, Literal

Resource = dict[str, Any]
VersionName = Literal["R4", "R5"]
