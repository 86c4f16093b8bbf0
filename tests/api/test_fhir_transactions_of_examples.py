"""Every transaction Bundle among the published examples is sent to the FHIR door in one piece.

What is refused is refused for a reason from a closed list, and leaves nothing behind.
"""

import json
from typing import Any

import pytest

from tests.support.bodies import EXAMPLES
from tests.support.r4 import JSON, R4, kept

MANIFEST = EXAMPLES / "MANIFEST.jsonl"
REFUSED = {
    "its ids are the client's, and ids are made here": (405, "not-supported"),
    "it is not valid R4": (400, ""),
    "it holds a type that is not served": (404, "not-supported"),
}
"""Why a transaction of the examples is not taken: status and issue code. An empty code stands for the faults of R4."""
FAULTS = {"value", "invalid", "required", "structure"}

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(),
    reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest",
)


def transactions() -> list[str]:
    """The R4 files that hold a transaction."""
    rows = [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()] if MANIFEST.exists() else []
    bundles = [row["path"] for row in rows if row.get("resourceType") == "Bundle" and row.get("fhirVersion") == "R4"]
    return [path for path in bundles if b'"transaction"' in (EXAMPLES / path).read_bytes() and _is_one(path)]


def _is_one(path: str) -> bool:
    try:
        return bool(json.loads((EXAMPLES / path).read_bytes()).get("type") == "transaction")
    except ValueError:
        return False


def reason(answer: Any) -> str:
    """Why a transaction was refused."""
    codes = {one["code"] for one in answer.json()["issue"]}
    for words, (status, code) in REFUSED.items():
        if answer.status_code == status and (codes == {code} if code else codes <= FAULTS):
            return words
    return f"{answer.status_code} {codes}"


@pytest.mark.parametrize("path", transactions())
async def test_a_transaction_is_taken_whole_or_refused_for_a_known_reason(world, path):
    await world.agency("RX1")
    client = world.client()
    raw = (EXAMPLES / path).read_bytes()
    before = await kept(world)
    answer = await client.post(R4, content=raw, headers=JSON)
    if answer.status_code == 200:
        sent = json.loads(raw)["entry"]
        assert [one["response"]["status"] for one in answer.json()["entry"]] == ["201 Created"] * len(sent)
    else:
        assert reason(answer) in REFUSED
        assert await kept(world) == before


def test_the_transactions_of_a_whole_life_are_among_them():
    assert sum(path.startswith("synthea") for path in transactions()) == 4
