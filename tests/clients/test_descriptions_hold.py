"""The service does what its descriptions say, whatever is sent: schemathesis drives a real server by them.

Left out are the checks that take a schema for all there is to say: valid by the schema is not allowed by the charter
(`positive_data_acceptance`), what FHIR tells servers to pass over is not refused (`negative_data_rejection`), a header
that is missing is told of by 428 and not by 400 (`missing_required_header`), an address that takes a method refuses it
for this one entry (`allow_header_conformance`), and what others may not see is held by tests of our own
(`object_level_authorization`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest

from api.demonstration_data import ADA, WORKERS, Worker
from auth import development
from plan.model import Subject
from tests.house.tree import ROOT
from tests.support.served import Served, serving

CHECKS = """not_a_server_error status_code_conformance content_type_conformance response_headers_conformance
    response_schema_conformance unsupported_method use_after_free ensure_resource_availability ignored_auth"""
BOUNDED = ("-n", "6", "--seed", "1", "--request-timeout", "20", "--max-failures", "20")
QUIET = ("--no-color", "--warnings", "off", "--generation-database", "none")
SECONDS = 300
"""When a run is ended; it takes a tenth of that on a quiet machine."""
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key.json"


@pytest.fixture
def server(tmp_path: Path, key: Path) -> Iterator[Served]:
    """The demonstration, on a database that the run may fill and empty."""
    with serving(tmp_path, "--demo", ONEPLAN_DEVELOPMENT_KEY=str(key)) as served:
        yield served


def token(worker: Worker, key: Path) -> str:
    subject = Subject(worker.worker)
    return development.token(key, subject=subject, agency=worker.agency, role=worker.role, scopes=worker.scopes)


def held(server: Served, folder: Path, bearer: str, location: str, phases: str, config: str) -> None:
    """Run, and show what it says when something does not hold."""
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    command = [str(SCHEMATHESIS), "--config-file", str(folder / "schemathesis.toml"), "run", location]
    command += ["--url", server.base, "-H", f"Authorization: Bearer {bearer}"]
    command += ["-c", ",".join(CHECKS.split()), "--phases", phases, *BOUNDED, *QUIET]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "COV_", "ONEPLAN_"))}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-2_000:]}"


@pytest.mark.parametrize("version,phases", [("r4", "examples,coverage,fuzzing"), ("r5", "examples,fuzzing")])
def test_the_fhir_door_is_as_it_is_described(server, tmp_path, key, version, phases):
    bearer = token(WORKERS["ehr-rx1"], key)
    with httpx.Client(base_url=f"{server.base}/fhir/R4", headers={"Authorization": f"Bearer {bearer}"}) as client:
        found = {
            type_: ids(client.get(f"/{type_}?patient={ADA}").json()) for type_ in ("Goal", "CarePlan", "Encounter")
        }
    assert all(found.values())
    words = {"type": ["Goal", "Patient"], "id": [ADA, *found["Goal"]], "version": ["1"], "tag": ['W/"1"'], **found}
    bound = {f"path.{name}": name for name in ("type", "id", "version")} | {"header.If-Match": "tag"}
    own = {f"/{type_}/": ("path.id", type_) for type_ in ("CarePlan", "Encounter")}
    held(server, tmp_path, bearer, str(ROOT / f"openapi/fhir-{version}.json"), phases, settings(words, bound, own))


def test_the_rest_door_is_as_it_is_described(server, tmp_path, key):
    bearer = token(WORKERS["social-worker-la1"], key)
    with httpx.Client(
        base_url=f"{server.base}/v1/people/{ADA}", headers={"Authorization": f"Bearer {bearer}"}
    ) as client:
        sections = client.get("/plan").raise_for_status().json()["sections"]
        team = client.get("/team").raise_for_status().json()["members"]
    shelves = {"goal": "social_care", "stay": "transitions", "message": "social_care", "consent": "about_me"}
    words = {kind: [one["id"] for one in sections[section][kind]] for kind, section in shelves.items()}
    words |= {"person": [ADA], "section": ["social_care"], "kind": ["goal"], "member": [one["id"] for one in team]}
    bound = {f"path.{name}": name for name in ("person", "section", "kind", "member")}
    bound |= {"path.entry": "goal", "header.If-Match": "tag"}
    own = {f"/{kind}s/": ("path.entry", kind) for kind in ("stay", "message", "consent")}
    config = settings(words | {"tag": ['"1"']}, bound, own)
    held(server, tmp_path, bearer, f"{server.base}/openapi.json", "examples,fuzzing", config)


def ids(page: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [entry["resource"]["id"] for entry in page["entry"]]


def settings(words: Mapping[str, list[str]], bound: Mapping[str, str], own: Mapping[str, tuple[str, str]]) -> str:
    """Settings by which most calls are about Ada and what she has, and the rest about what is not there.

    `words`: lists of values; `bound`: the list of a parameter; `own`: a parameter and its list, where an address is so.
    """
    lists = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in words.items()]
    rows = [
        f'[[operations]]\ninclude-path-regex = "{path}"\n[operations.parameters]\n{taken(*row)}'
        for path, row in own.items()
    ]
    return "\n".join([*lists, "[parameters]", *(taken(*row) for row in bound.items()), *rows])


def taken(parameter: str, words: str) -> str:
    return f'"{parameter}" = {{ dictionary = "{words}", probability = 0.7 }}'
