"""A real server on a port, with a person whose plan the clients work on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from auth import development
from plan.model import AgencyId, Role, Subject
from tests.support.served import serving


@dataclass(frozen=True)
class Ready:
    """A server to be driven: its address, a token for it, and a person whose plan is there."""

    base: str
    token: str
    person: str


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    """`oneplan serve`, as a worker of a hospital meets it."""
    folder: Path = tmp_path_factory.mktemp("clients")
    key = folder / "key.json"
    with serving(folder, ONEPLAN_DEVELOPMENT_KEY=str(key)) as server:
        token = development.token(
            key, subject=Subject("ehr"), agency=AgencyId("RX1"), role=Role.CLINICIAN, scopes="system/*.cruds"
        )
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
        patient = {"resourceType": "Patient", "name": [{"family": "Test", "given": ["Ada"]}]}
        with httpx.Client(base_url=f"{server.base}/fhir/R4", headers=headers) as client:
            answer = client.post("/Patient", json=patient)
        yield Ready(server.base, token, answer.json()["id"])
