"""Tables of requests that ask for too much or make no sense, sent as bytes at both bases and in both forms.

Each answer comes in time, is an OperationOutcome of the form that was asked for when it is a refusal, and leaves
everything as it was.
"""

import json
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import quote

from fhir_facade import xml_read
from tests.support.oddities import INTERNALS, Answered, Oddity, ask
from tests.support.r4 import kept
from tests.support.world import World

BASES = {"R4": "/fhir/R4", "R5": "/fhir/R5"}
FORMS = {"json": "application/fhir+json", "xml": "application/fhir+xml"}
PATIENCE = 2 * 5.0
"""Seconds: two are promised, and others have the machine too."""


class Case(NamedTuple):
    """One row. `request` is a method and an address below the base; `code` the issue code, empty for any.

    `PERSON`, `GOAL` and the like in `request` and `body` stand for ids that the test knows.
    """

    what: str
    request: str
    status: int | tuple[int, ...]
    code: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


async def sent(world: World, case: Case, base: str, form: str, ids: Mapping[str, str]) -> Answered:
    """The answer to a row at one base in one form."""
    method, _, address = case.request.partition(" ")
    body = case.body
    for word, id_ in ids.items():
        address, body = address.replace(word, id_), body.replace(word.encode(), id_.encode())
    target = quote(f"{BASES[base]}/{address}".removesuffix("/"), safe="%/?&=:,;+$*@!'()|#[]~")
    headers = {"Authorization": f"Bearer {world.token()}", "Accept": FORMS[form], **case.headers}
    raw = tuple(
        (name.lower().encode(), value.encode("latin-1")) for name, value in headers.items() if value is not None
    )
    return await ask(world, Oddity(method, target.encode(), raw, body))


async def faults(
    world: World,
    cases: Sequence[Case],
    *,
    ids: Mapping[str, str] = {},
    forms: Sequence[str] = tuple(FORMS),
    bases: Sequence[str] = tuple(BASES),
) -> list[str]:
    """What is wrong with the answers to a table; empty when nothing is."""
    found = []
    before = await kept(world)
    for case in cases:
        for base in bases:
            for form in forms:
                began = perf_counter()
                answered = await sent(world, case, base, form, ids)
                took = perf_counter() - began
                said = [*_wrong(case, answered, base), *([f"took {took:.1f} s"] if took > PATIENCE else [])]
                if answered.status >= 400 and await kept(world) != before:
                    said.append("refused, and yet something was written")
                before = before if case.request.startswith("GET ") else await kept(world)
                if said:
                    found.append(f"{case.what} at {base} in {form}: {said} {answered.status} {answered.body[:300]!r}")
    return found


def outcome(answered: Answered, version: str) -> Any:
    """The OperationOutcome of a refusal, whatever its form. Raises AssertionError where it is none."""
    media = answered.headers.get(b"content-type", b"").decode()
    assert media in [f"{kind}; charset=utf-8" for kind in FORMS.values()], media
    xml = media.startswith(FORMS["xml"])
    said = xml_read.read(answered.body, "R5" if version == "R5" else "R4") if xml else json.loads(answered.body)
    assert said["resourceType"] == "OperationOutcome"
    assert said["issue"]
    return said


def _wrong(case: Case, answered: Answered, version: str) -> list[str]:
    allowed = (case.status,) if isinstance(case.status, int) else case.status
    found = [] if answered.status in allowed else [f"not {case.status}"]
    if answered.status >= 400:
        found += [f"it tells {word!r}" for word in INTERNALS if word in answered.body]
        if case.request.startswith("HEAD "):
            return found + (["a body"] if answered.body else [])
        try:
            codes = {issue["code"] for issue in outcome(answered, version)["issue"]}
        except AssertionError as error:
            return [*found, f"no OperationOutcome: {error}"]
        found += [f"{codes} and not {case.code}"] if case.code and case.code not in codes else []
    return found
