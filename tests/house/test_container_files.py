"""The image and the composition run with as little leave as they can (docs/decisions/0005-the-image.md)."""

import json
import re
import tomllib
from fnmatch import fnmatch

import pytest
import yaml

from tests.house.tree import ROOT, text

SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|ISSUERS|DATABASE")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, argument), lines joined, comments left out."""
    joined = text("Dockerfile").replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    parted = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(word.upper(), rest.strip()) for word, _, rest in parted]


def stages() -> list[list[tuple[str, str]]]:
    made: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            made.append([])
        if made:
            made[-1].append((word, rest))
    return made


def last_stage(word: str) -> list[str]:
    return [rest for found, rest in stages()[-1] if found == word]


COMPOSE = yaml.safe_load(text("compose.yaml"))
SERVICES = COMPOSE["services"]

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def test_what_builds_stays_out_of_the_image():
    assert len(stages()) == 3
    assert [rest.split()[0] for rest in last_stage("COPY")] == ["--from=build"]
    assert not [rest for rest in last_stage("RUN") if "pip" in rest or "apt" in rest]


def test_the_base_images_are_pinned():
    python, node = [rest for word, rest in instructions() if word == "ARG"]
    assert re.fullmatch(r"PYTHON=3\.11\.\d+-slim-\w+", python)
    assert re.fullmatch(r"NODE=\d+\.\d+\.\d+-\w+-slim", node)
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases == ["node:${NODE}", "python:${PYTHON}", "python:${PYTHON}"]


def test_of_node_only_the_styles_and_scripts_go_further():
    took = [rest for word, rest in instructions() if word == "COPY" and "--from=pages" in rest]
    assert took == ["--from=pages /src/node_modules /node_modules"]
    assert any("npm ci" in rest and "--ignore-scripts" in rest for word, rest in stages()[0] if word == "RUN")


def test_every_package_is_pinned_by_its_hash_and_none_is_for_checking():
    pinned = re.findall(r"^([\w.-]+)==", text("requirements-run.lock"), re.MULTILINE)
    checks = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]["check"]
    assert not {re.split(r"[<>=]", line)[0] for line in checks} & set(pinned)
    assert text("requirements-run.lock").count("--hash=sha256:") >= len(pinned)
    assert any("--require-hashes" in rest for word, rest in instructions() if word == "RUN")


def test_what_runs_is_what_was_tested():
    tested = dict(re.findall(r"^([\w.-]+)==(\S+)", text("requirements.lock"), re.MULTILINE))
    run = dict(re.findall(r"^([\w.-]+)==(\S+)", text("requirements-run.lock"), re.MULTILINE))
    assert run.items() <= tested.items()


def test_the_image_runs_as_a_numbered_user():
    (user,) = last_stage("USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)


def test_the_image_says_whether_it_is_ready_without_further_programs():
    (check,) = last_stage("HEALTHCHECK")
    assert "/readyz" in check
    assert '"python"' in check
    assert not re.search(r"curl|wget", check)


def test_the_image_starts_the_service_without_a_shell():
    assert json.loads(last_stage("ENTRYPOINT")[0]) == ["oneplan"]
    assert json.loads(last_stage("CMD")[0])[0] == "serve"


def test_the_image_is_for_production_and_writes_only_to_its_volume():
    said = " ".join(last_stage("ENV"))
    for setting in ("ONEPLAN_PRODUCTION=true", "PYTHONDONTWRITEBYTECODE=1", "ONEPLAN_DATABASE=sqlite:////data/"):
        assert setting in said
    assert last_stage("VOLUME") == ["/data"]


def test_no_secret_is_baked_in():
    said = [rest for word, rest in instructions() if word in {"ARG", "ENV"}]
    assert not [rest for rest in said if re.search("PASSWORD|SECRET|TOKEN", rest)]


def test_only_what_is_named_is_sent_to_the_builder():
    kept = [line for line in text(".dockerignore").splitlines() if line and not line.startswith("#")]
    assert kept[0] == "*"
    copied = {source for word, rest in stages()[1] if word == "COPY" for source in rest.split()[:-1]}
    copied -= {"--from=pages", "/src/node_modules"}
    assert copied == {line[1:] for line in kept if line.startswith("!")}
    assert all((ROOT / name).exists() for name in copied)


@every_service
def test_a_service_has_no_leave_that_it_does_not_need(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert any(mount.split(":")[0] == "/tmp" for mount in service["tmpfs"])
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & service.keys()


@every_service
def test_a_service_is_watched_and_bounded(service):
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"mem_limit", "pids_limit", "restart"} <= service.keys()


@every_service
def test_no_secret_has_a_default(service):
    secret = {name: str(value) for name, value in service["environment"].items() if SECRET.search(name)}
    assert secret
    assert all(re.search(r"\$\{\w+:\?", value) and ":-" not in value for value in secret.values())


@every_service
def test_a_service_keeps_its_data_in_a_named_volume(service):
    assert all(mount.split(":")[0] in COMPOSE["volumes"] for mount in service["volumes"])


def test_the_service_waits_for_its_database():
    assert SERVICES["oneplan"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_database_is_not_published_and_the_service_on_loopback_only():
    assert "ports" not in SERVICES["database"]
    assert SERVICES["database"]["networks"] == ["back"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["oneplan"]["ports"])


def test_the_images_are_pinned():
    assert fnmatch(SERVICES["database"]["image"], "postgres:16.*")
    assert not [service["image"] for service in SERVICES.values() if service["image"].endswith("latest")]


def test_production_is_asked_for():
    assert SERVICES["oneplan"]["environment"]["ONEPLAN_PRODUCTION"] == "true"
