"""Where somebody lives, as a list of people says it: the scheme by its name, and the estate by its number."""

from collections.abc import Mapping
from typing import Any

from plan.known import Known
from plan.model import Json


def place(known: Known) -> dict[str, Json]:
    """The scheme and the estate of the home, as far as the caller sees it; empty where nothing of it is known."""
    homes: list[Mapping[str, Any]] = [entry.body for entry in known.of("housing")]
    said = {"scheme": "scheme", "estate": "parent_uprn"}
    found = {name: next((home[of] for home in homes if of in home), None) for name, of in said.items()}
    return {name: value for name, value in found.items() if value is not None}
