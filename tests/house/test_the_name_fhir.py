"""The library fhir.resources owns the name `fhir`; a package of ours with that name would shadow it.

Type checker and linter stay green when that happens, so it is tested (docs/decisions/0001-the-name-fhir.md).
"""

import os
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files

BUILD = "from setuptools import build_meta; build_meta.build_wheel('dist')"


def folders_named_fhir() -> list[str]:
    found = []
    for folder, inner, _ in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in {".git", ".venv", "build", "node_modules"}]
        found += [str(Path(folder, name).relative_to(ROOT)) for name in inner if name.lower() == "fhir"]
    return found


def test_fhir_is_a_shelf_and_not_a_package():
    assert not (ROOT / "fhir" / "__init__.py").exists()
    assert not list((ROOT / "fhir").glob("*.py"))


def test_there_is_no_other_folder_of_that_name():
    assert folders_named_fhir() == ["fhir"]


def test_there_is_no_module_of_that_name():
    assert not [name for name in files() if name.lower().endswith(("/fhir.py", "/fhir.pyi")) or name == "fhir.py"]


@pytest.mark.parametrize("name", ["fhir", "fhir.resources"])
def test_the_name_belongs_to_the_library(name):
    spec = find_spec(name)
    library = Path(str(distribution("fhir.resources").locate_file("fhir")))
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(library)


def test_the_library_is_found_from_the_root_of_the_checkout():
    """As somebody finds it who types `python` there: the root stands first on the path."""
    code = "import fhir.resources, fhir_facade; print(fhir.resources.__file__); print(fhir_facade.__file__)"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert not Path(said[0]).is_relative_to(ROOT / "fhir")
    assert Path(said[1]) == ROOT / "fhir" / "fhir_facade" / "__init__.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names in a wheel that is built from a copy of the checkout."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in files():
        if name.split("/")[0] in {"plan", "auth", "db", "api", "fhir", "pyproject.toml", "README.md"}:
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    (copy / "dist").mkdir()
    subprocess.run([sys.executable, "-c", BUILD], cwd=copy, capture_output=True, check=True)
    return set(zipfile.ZipFile(next((copy / "dist").glob("*.whl"))).namelist())


def test_the_wheel_brings_the_facade_under_its_own_name(wheel):
    assert "fhir_facade/__init__.py" in wheel
    assert "fhir_facade/definitions/search_parameters_r4.json" in wheel
    assert not [name for name in wheel if name.startswith("fhir/")]


def test_the_wheel_brings_every_file_of_the_packages(wheel):
    rooms = [name for name in files() if name.startswith(("plan/", "auth/", "db/", "api/", "fhir/fhir_facade/"))]
    assert not {name.removeprefix("fhir/") for name in rooms if not name.endswith(".md")} - wheel
