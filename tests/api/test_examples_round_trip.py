"""Real files come back as they were, to the digit: each is imported, and read through the FHIR door.

Nothing is left out in silence: what is not taken has a reason from a closed list, and the table that is printed counts
it. Two resources that share an id cannot stand in one database, so the second of them is tried alone in another.
"""

import asyncio
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from api import demonstration
from api.bearings import ORIGIN
from api.demonstration_data import EHR, WORKERS
from api.importing import Import
from api.report import Fate, Reason
from api.settings import Settings
from fhir_facade import exact
from fhir_facade.addresses import conditional
from tests.support.bodies import EXAMPLES
from tests.support.postgres import borrowed_database, in_roles
from tests.support.world import World, opened_world

Json = Any
MANIFEST = EXAMPLES / "MANIFEST.jsonl"
COUNTED = "b3b5b32dd85c7c2c"
"""The manifest that the counts below are of."""
REASONS = {
    Reason.INVALID: 32,
    Reason.OTHER_VERSION: 2,
    Reason.NOBODY: 21,
    Reason.CONTAINED: 1,
    Reason.UNSERVED: 13,
}
"""Why a resource of a good R4 file is not taken, and how many there are: the whole list."""

pytestmark = pytest.mark.skipif(
    not MANIFEST.exists(),
    reason=f"no {MANIFEST}: set ONEPLAN_FHIR_EXAMPLES to a folder of FHIR examples with a manifest",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One resource of a file: what became of it, and what the FHIR door gives back."""

    row: Json
    fate: Fate
    back: Json = None


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that was read, the names that each entry came from, and the files that hold no JSON."""

    readings: list[Reading]
    names: dict[str, set[str]]
    unread: set[str]


def kind(row: Json) -> str:
    """What the manifest says of a file."""
    if "malformedJson" in row:
        return "malformed"
    if row["fhirVersion"] not in ("R4", "R4B"):
        return "another version"
    return "expected to fail" if row.get("expected", {}).get("validatorErrors") else "good"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, development_key: Path
) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("round-trip")
    template = request.getfixturevalue("sqlite_template")
    if request.param == "sqlite":
        shutil.copy(template, folder / "all.db")
        yield asyncio.run(_whole(f"sqlite:///{folder}/all.db", folder, template, development_key))
        return
    postgres = request.getfixturevalue("postgres_template")
    with borrowed_database(postgres, template=postgres.rpartition("/")[2].partition("?")[0]) as url:
        yield asyncio.run(_whole(url, folder, template, development_key))


async def _whole(url: str, folder: Path, template: Path, key: Path) -> Run:
    """All files into one database; then each file of which something shares an id, alone into its own."""
    rows = {str(EXAMPLES / row["path"]): row for row in map(json.loads, MANIFEST.read_text("utf-8").splitlines())}
    whole = await _import(url, key, [EXAMPLES], rows)
    twice = {one.fate.piece.file for one in whole.readings if one.fate.did is Reason.TWICE}
    readings = [one for one in whole.readings if one.fate.did is not Reason.TWICE]
    names = dict(whole.names)
    for at, file in enumerate(sorted(twice)):
        shutil.copy(template, folder / f"{at}.db")
        alone = await _import(f"sqlite:///{folder}/{at}.db", key, [Path(file)], rows)
        known = {(one.fate.piece.file, one.fate.piece.at) for one in readings}
        readings += [one for one in alone.readings if (one.fate.piece.file, one.fate.piece.at) not in known]
        for target, said in alone.names.items():
            names.setdefault(target, set()).update(said)
    return Run(readings, names, whole.unread)


async def _import(url: str, key: Path, paths: list[Path], rows: dict[str, Json]) -> Run:
    settings = Settings(**in_roles(url), development_key=key)
    world = await opened_world(settings, key)
    try:
        fates: list[Fate] = []
        report = await Import(world.desk, demonstration.visit(WORKERS[EHR]), told=fates.append).run(paths)
        assert report.taken + sum(isinstance(fate.did, Reason) for fate in fates) == report.read
        client = world.client("clinician", "RX1")
        readings, names = [], await _begun(world)
        for fate in fates:
            back = None
            if fate.target:
                answer = await client.get(f"/fhir/R4/{fate.target}")
                assert answer.status_code == 200, (fate.piece.file, answer.text)
                back = exact.loads(answer.content)
                names.setdefault(fate.target, set()).update(_names(fate))
            readings.append(Reading(rows[fate.piece.file], fate, back))
        told = {fate.piece.file for fate in fates}
        return Run(
            readings, names, {file for file in rows if file not in told and len(paths) == 1 and paths[0] == EXAMPLES}
        )
    finally:
        await world.close()


def _names(fate: Fate) -> set[str]:
    """What others may have called a resource."""
    piece = fate.piece
    said = {piece.key, piece.url, piece.url.partition("/_history")[0]}
    return said | {f"{piece.type}/{piece.resource.get('id')}"} - {""}


async def _begun(world: World) -> dict[str, set[str]]:
    """The people who began because something named them: their identifier tells by which name."""
    sql = "select person_id, value from identifier where system = ?"
    indexed = "select person_id, code from search_token where param = 'identifier' and system = ?"
    found = [*await world.database.rows(sql, (ORIGIN,)), *await world.database.rows(indexed, (ORIGIN,))]
    return {f"Patient/{person}": {"/".join(value.split("/")[-2:]), value.rpartition("/")[2]} for person, value in found}


def differences(was: Json, now: Json, names: dict[str, set[str]], where: str = "") -> list[str]:
    """Where two resources differ beyond references that lead to the same thing under its new name."""
    if isinstance(was, dict) and isinstance(now, dict):
        if _same_target(was, now, names):
            was, now = _without(was), _without(now)
        found = [f"{where}.{name} in one only" for name in was.keys() ^ now.keys()]
        return found + [
            d for name in was.keys() & now.keys() for d in differences(was[name], now[name], names, f"{where}.{name}")
        ]
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return [
            d for at, pair in enumerate(zip(was, now, strict=True)) for d in differences(*pair, names, f"{where}[{at}]")
        ]
    if exact.dumps(was) == exact.dumps(now) or (
        isinstance(was, str) and isinstance(now, str) and _leads(was, now, names)
    ):
        return []
    return [f"{where}: {was!r} is now {now!r}"]


def _leads(was: str, now: str, names: dict[str, set[str]]) -> bool:
    """Whether an address leads to an entry that was called so."""
    bare = was.partition("/_history")[0]
    short = "/".join(bare.split("/")[-2:])
    return now in names and bool({was, bare, short} & names[now])


def _same_target(was: dict[str, Json], now: dict[str, Json], names: dict[str, set[str]]) -> bool:
    """Whether a conditional reference was resolved, or became the logical reference that says the same."""
    condition = conditional(was["reference"]) if isinstance(was.get("reference"), str) else None
    if condition is None or was.get("reference") == now.get("reference"):
        return False
    type_, system, value = condition
    if "reference" in now:
        return now["reference"] in names and str(now["reference"]).startswith(f"{type_}/")
    return bool(now.get("identifier") == ({"system": system, "value": value} if system else {"value": value}))


def _without(reference: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in reference.items() if name not in ("reference", "identifier")}


def _resource(value: dict[str, Json]) -> dict[str, Json]:
    return {name: held for name, held in value.items() if name not in ("id", "meta")}


def changed(reading: Reading, names: dict[str, set[str]]) -> list[str]:
    """What came back otherwise than it was sent."""
    return differences(_resource(reading.fate.piece.resource), _resource(reading.back), names)


def table(run: Run) -> str:
    """One line a source and kind of file: files, resources, identical, and refused by reason."""
    lines: dict[tuple[str, str], Counter[str]] = {}
    files: dict[tuple[str, str], set[str]] = {}
    for one in run.readings:
        key = (one.row["source"], kind(one.row))
        line = lines.setdefault(key, Counter())
        files.setdefault(key, set()).add(one.fate.piece.file)
        line["resources"] += 1
        if isinstance(one.fate.did, Reason):
            line[one.fate.did.name] += 1
        else:
            line["identical"] += not changed(one, run.names)
    heads = [
        "resources",
        "identical",
        *(reason.name for reason in Reason if any(c[reason.name] for c in lines.values())),
    ]
    widths = f"{{:28}} {{:16}} {{:>5}} {' '.join(['{:>13}'] * len(heads))}"
    rows = [widths.format("source", "the manifest says", "files", *heads)]
    rows += [
        widths.format(*key, len(files[key]), *(line[head] for head in heads)) for key, line in sorted(lines.items())
    ]
    return "\n".join(rows)


def test_what_a_good_file_says_is_read_back_identical_to_the_digit(run: Run) -> None:
    sys.stdout.write(f"{table(run)}\n")
    good = [one for one in run.readings if kind(one.row) == "good" and one.back is not None]
    wrong = {f"{one.row['path']}#{one.fate.piece.at}": told for one in good if (told := changed(one, run.names))}
    assert wrong == {}
    assert len(good) > 1000 or sha256(MANIFEST.read_bytes()).hexdigest()[:16] != COUNTED


def test_nothing_of_a_good_file_is_left_out_but_for_a_reason_on_the_list(run: Run) -> None:
    refused = Counter(one.fate.did for one in run.readings if kind(one.row) == "good" and one.back is None)
    assert set(refused) <= set(REASONS)
    if sha256(MANIFEST.read_bytes()).hexdigest()[:16] == COUNTED:
        assert refused == REASONS


def test_every_file_is_accounted_for(run: Run) -> None:
    rows = [json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines()]
    read = {one.row["path"] for one in run.readings}
    without = {row["path"] for row in rows} - read
    assert {str(EXAMPLES / path) for path in without} == run.unread
    hollow = {row["path"] for row in rows if row["resourceType"] == "Bundle" and not row.get("entryTypes")}
    assert without <= {row["path"] for row in rows if kind(row) != "good"} | hollow


def test_files_of_other_versions_do_no_harm(run: Run) -> None:
    """R5 has an address of its own; what is also valid R4 is taken as such, everything else refused with the reason."""
    others = [one for one in run.readings if kind(one.row) == "another version"]
    assert all(isinstance(one.fate.did, Reason) or not changed(one, run.names) for one in others)


def test_what_the_service_is_told_in_meta_stays_beside_its_own_words(run: Run) -> None:
    for one in run.readings:
        sent = one.fate.piece.resource.get("meta", {}) if one.back else {}
        kept = one.back["meta"] if one.back else {}
        assert all(kept.get(name) == sent[name] for name in ("profile", "security", "source") if name in sent)
        assert all(tag in kept.get("tag", ()) for tag in sent.get("tag", ()))


def test_every_rewritten_reference_leads_to_something_that_is_there(run: Run) -> None:
    """`differences` passes a new name only when an entry that was read back, or a person who began, has it."""
    rewritten = Counter(
        now in run.names
        for one in run.readings
        if one.back
        for was, now in zip(_references(one.fate.piece.resource), _references(one.back), strict=False)
        if was != now
    )
    assert rewritten[True] > 0
    assert rewritten[False] == 0


def _references(value: Json) -> list[str]:
    """The literal references of a resource, in the order of the text."""
    if isinstance(value, list):
        return [text for one in value for text in _references(one)]
    if not isinstance(value, dict):
        return []
    own = [value["reference"]] if isinstance(value.get("reference"), str) and "?" not in value["reference"] else []
    return own + [text for name, held in value.items() if name != "meta" for text in _references(held)]
