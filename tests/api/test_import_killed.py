"""An import that is killed has lost nothing and doubled nothing when it is run again."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

PEOPLE, EACH = 4, 60
ONEPLAN = Path(sys.executable).with_name("oneplan")


def written(folder: Path) -> Path:
    """A bulk export: people in one file, what was measured in another."""
    people = [{"resourceType": "Patient", "id": f"p{n}", "name": [{"family": f"Import {n}"}]} for n in range(PEOPLE)]
    measured = [
        {
            "resourceType": "Observation",
            "id": f"o{n}",
            "status": "final",
            "code": {"text": "Weight"},
            "valueQuantity": {"value": n, "unit": "kg"},
            "subject": {"reference": f"Patient/p{n % PEOPLE}"},
        }
        for n in range(PEOPLE * EACH)
    ]
    folder.mkdir()
    for name, resources in (("Patient", people), ("Observation", measured)):
        (folder / f"{name}.ndjson").write_text("\n".join(map(json.dumps, resources)))
    return folder


def command(folder: Path, file: Path) -> list[str]:
    return [str(ONEPLAN), "import", str(folder), "--database", f"sqlite:///{file}", "--as", "ehr-rx1", "--batch", "5"]


def kept(
    file: Path, sql: str = "select type, count(*) from entry group by type order by type"
) -> list[tuple[str, int]]:
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as connection:
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.OperationalError:  # the schema is just being made
            return []


def test_a_killed_import_is_finished_by_the_next_run(tmp_path: Path) -> None:
    folder, broken, whole = written(tmp_path / "export"), tmp_path / "broken.db", tmp_path / "whole.db"
    with subprocess.Popen(command(folder, broken), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None and dict(kept(broken)).get("Observation", 0) < EACH // 4:
            os.sched_yield()
        running.send_signal(signal.SIGKILL)
    assert 0 < dict(kept(broken))["Observation"] < PEOPLE * EACH, "it was killed on the way"
    for file in (broken, whole):
        subprocess.run(command(folder, file), check=True, capture_output=True)
    assert kept(broken) == kept(whole)
    assert dict(kept(broken))["Observation"] == PEOPLE * EACH
    again = subprocess.run(command(folder, broken), check=True, capture_output=True, text=True).stdout
    assert "created" in again
    assert kept(
        broken, "select 'versions', count(*) from entry_version where version > 1 and type = 'Observation'"
    ) == [("versions", 0)]
