"""Import: any order, any number of times, the same plans; one bad resource refuses itself only and says why."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api import demonstration
from api.deeds import Deed, Visit
from api.demonstration_data import EHR, WORKERS
from api.importing import Import, Terms
from api.report import JOINED, Fate, Reason, Report
from auth.access import Verb
from fhir_facade import exact, intake
from plan.model import EntryId
from tests.support.deeds import count, counts
from tests.support.world import NHS, World

Json = dict[str, Any]
BASE = "https://ehr.example/fhir"


def patient(id_: str = "p1", number: str = "", **more: Any) -> Json:
    identifier = {"identifier": [{"system": NHS, "value": number}]} if number else {}
    return {"resourceType": "Patient", "id": id_, "name": [{"family": "Test"}], **identifier, **more}


def condition(id_: str | None = "c1", who: str = "Patient/p1", **more: Any) -> Json:
    named = {"id": id_} if id_ else {}
    return {"resourceType": "Condition", **named, "subject": {"reference": who}, "code": {"text": "Gout"}, **more}


def practitioner(id_: str = "d1", **more: Any) -> Json:
    return {"resourceType": "Practitioner", "id": id_, "name": [{"family": "Test"}], **more}


def bundle(*resources: Json, base: str = "", kind: str = "collection", urn: bool = False) -> Json:
    def entry(at: int, one: Json) -> Json:
        full = (
            f"urn:uuid:00000000-0000-4000-8000-{at:012d}"
            if urn
            else f"{base}/{one.get('resourceType')}/{one.get('id')}"
        )
        return {"fullUrl": full, "resource": one} if base or urn else {"resource": one}

    return {"resourceType": "Bundle", "type": kind, "entry": [entry(at, one) for at, one in enumerate(resources)]}


class Folder:
    """Files to import into a world, and what became of them."""

    def __init__(self, world: World, path: Path) -> None:
        self.world, self.path = world, path
        self.fates: list[Fate] = []

    def put(self, name: str, value: Any) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
        return file

    async def run(self, *paths: Path, by: Visit | None = None, **terms: Any) -> Report:
        visit = by or demonstration.visit(WORKERS[EHR])
        self.fates.clear()
        return await Import(self.world.desk, visit, Terms(**terms), told=self.fates.append).run(paths or [self.path])

    async def read(self, type_: str, key: str, space: str = "clinic") -> Json:
        id_ = intake.derived(space, key)
        stored = await self.world.desk.read(demonstration.visit(WORKERS[EHR]), type_, id_)
        found: Json = exact.loads(stored.fhir.encode())
        return found

    def reasons(self) -> list[str]:
        return [fate.did.name for fate in self.fates if isinstance(fate.did, Reason)]


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Folder:
    return Folder(world, tmp_path / "clinic")


def made(report: Report) -> tuple[int, int, int, int]:
    return report.read, report.counts["created"], report.counts["same"], report.refusals


FORMS: list[tuple[str, Callable[[list[Json]], Any]]] = [
    ("a.json", lambda many: bundle(*many)),
    ("a.json", lambda many: bundle(*many, kind="transaction", base=BASE)),
    ("a.json", lambda many: bundle(bundle(*many), kind="batch-response")),
    ("a.ndjson", lambda many: "\n".join(map(json.dumps, many)).encode() + b"\n\n"),
    ("a.jsonl", lambda many: "\n".join(map(json.dumps, many)).encode()),
    ("a.ndjson.gz", lambda many: gzip.compress("\n".join(map(json.dumps, many)).encode())),
    ("a.json.gz", lambda many: gzip.compress(json.dumps(bundle(*many)).encode())),
]


@pytest.mark.parametrize("name, form", FORMS)
async def test_bundles_lines_and_gzip_of_them_are_taken_apart(folder: Folder, name: str, form: Any) -> None:
    folder.put(name, form([condition(), patient(), practitioner()]))
    assert made(await folder.run()) == (3, 3, 0, 0)
    assert made(await folder.run()) == (3, 0, 3, 0)


async def test_a_second_run_in_another_order_and_batch_changes_nothing(folder: Folder) -> None:
    folder.put("Condition/c.json", condition(asserter={"reference": "Practitioner/d1"}))
    folder.put("Patient/p.json", patient(generalPractitioner=[{"reference": "Practitioner/d1"}]))
    folder.put("z.json", practitioner())
    files = sorted(folder.path.rglob("*.json"))
    assert made(await folder.run(*files)) == (3, 3, 0, 0)
    before = await counts(folder.world)
    assert made(await folder.run(*reversed(files), batch=1)) == (3, 0, 3, 0)
    assert await counts(folder.world) == before


async def test_references_lead_to_what_their_targets_became(folder: Folder) -> None:
    folder.put("c.json", condition(asserter={"reference": "Practitioner/d1/_history/3"}))
    folder.put("p.json", bundle(patient(), practitioner()))
    await folder.run()
    found = await folder.read("Condition", "Condition/c1")
    assert found["subject"]["reference"] == f"Patient/{intake.derived('clinic', 'Patient/p1')}"
    assert found["asserter"]["reference"] == f"Practitioner/{intake.derived('clinic', 'Practitioner/d1')}"


async def test_references_by_urn_lead_within_their_bundle(folder: Folder) -> None:
    urn = "urn:uuid:00000000-0000-4000-8000-000000000000"
    nameless = {name: value for name, value in patient().items() if name != "id"}
    folder.put("a.json", bundle(nameless, condition(None, urn), urn=True))
    assert made(await folder.run()) == (2, 2, 0, 0)
    found = await folder.read("Condition", "urn:uuid:00000000-0000-4000-8000-000000000001")
    assert found["subject"]["reference"] == f"Patient/{intake.derived('clinic', urn)}"


async def test_a_target_that_an_earlier_run_brought_is_found(folder: Folder) -> None:
    await folder.run(folder.put("first/clinic/p.json", bundle(patient(), practitioner())))
    report = await folder.run(folder.put("second/clinic/c.json", condition(asserter={"reference": "Practitioner/d1"})))
    assert (made(report), report.begun) == ((1, 1, 0, 0), 0)
    found = await folder.read("Condition", "Condition/c1")
    assert found["asserter"]["reference"] == f"Practitioner/{intake.derived('clinic', 'Practitioner/d1')}"


async def test_a_reference_that_leads_nowhere_stays(folder: Folder) -> None:
    foreign = {"reference": "https://other.example/Practitioner/9"}
    folder.put("a.json", bundle(patient(), condition(asserter=foreign, recorder={"reference": "Practitioner/gone"})))
    await folder.run()
    found = await folder.read("Condition", "Condition/c1")
    assert (found["asserter"], found["recorder"]) == (foreign, {"reference": "Practitioner/gone"})


CONDITIONAL = "Practitioner?identifier=https://staff.example|77"


async def test_a_conditional_reference_finds_its_target_in_the_run_then_in_the_directory(folder: Folder) -> None:
    doctor = practitioner(identifier=[{"system": "https://staff.example", "value": "77"}])
    target = f"Practitioner/{intake.derived('clinic', 'Practitioner/d1')}"
    folder.put("a.json", bundle(patient(), doctor, condition(asserter={"reference": CONDITIONAL}), kind="transaction"))
    await folder.run()
    later = folder.put("b.json", condition("c2", asserter={"reference": CONDITIONAL}))
    await folder.run(later)
    for key in ("Condition/c1", "Condition/c2"):
        assert (await folder.read("Condition", key))["asserter"]["reference"] == target


async def test_a_conditional_reference_that_finds_nobody_becomes_a_logical_one(folder: Folder) -> None:
    said = {"reference": CONDITIONAL, "display": "Dr Test"}
    bare = {"reference": "Practitioner?identifier=77"}
    folder.put("a.json", bundle(patient(), condition(asserter=said, recorder=bare)))
    assert made(await folder.run()) == (2, 2, 0, 0)
    found = await folder.read("Condition", "Condition/c1")
    assert found["asserter"] == {"display": "Dr Test", "identifier": {"system": "https://staff.example", "value": "77"}}
    assert found["recorder"] == {"identifier": {"value": "77"}}


async def test_somebody_who_is_only_referred_to_begins_and_is_filled_in_later(folder: Folder) -> None:
    report = await folder.run(folder.put("c.json", condition()))
    assert (made(report), report.begun) == ((1, 1, 0, 0), 1)
    begun = await folder.read("Patient", "Patient/p1")
    assert begun["identifier"] == [{"system": "https://oneplan.example/Id/import", "value": "clinic/Patient/p1"}]
    assert begun["name"] == [{"text": "Not yet known"}]
    report = await folder.run(folder.put("p.json", patient()))
    assert report.counts["updated"] == 1
    assert (await folder.read("Patient", "Patient/p1"))["name"] == [{"family": "Test"}]
    assert await count(folder.world, "person") == 1


async def test_nobody_begins_when_no_new_people_are_wanted(folder: Folder) -> None:
    folder.put("c.json", condition())
    assert made(await folder.run(new_people=False)) == (1, 0, 0, 1)
    assert folder.reasons() == ["NEW_PERSON"]
    assert await count(folder.world, "person") == 0


async def test_somebody_who_is_named_by_a_number_alone_is_found_or_begins(folder: Folder) -> None:
    number = folder.world.nhs_number()
    by_number = {"identifier": {"system": NHS, "value": number}}
    folder.put("a/c.json", {**condition(), "subject": by_number})
    report = await folder.run()
    assert (made(report), report.begun) == ((1, 1, 0, 0), 1)
    folder.put("b/c.json", {**condition("c2"), "subject": by_number})
    report = await folder.run()
    assert (made(report), report.begun) == ((2, 1, 1, 0), 0)
    assert await count(folder.world, "person") == 1


async def test_a_number_in_the_run_is_waited_for(folder: Folder) -> None:
    number = folder.world.nhs_number()
    folder.put("a.json", {**condition(), "subject": {"identifier": {"system": NHS, "value": number}}})
    folder.put("b.json", patient(number=number))
    report = await folder.run()
    assert (made(report), report.begun, await count(folder.world, "person")) == ((2, 2, 0, 0), 0, 1)


async def test_a_patient_who_is_here_already_is_joined_and_not_overwritten(folder: Folder) -> None:
    number = folder.world.nhs_number()
    here = await folder.world.person(demonstration.visit(WORKERS[EHR]), number, family="Here")
    folder.put("a.json", bundle(patient(number=f"{number[:3]} {number[3:]}"), condition()))
    report = await folder.run()
    assert (report.counts[JOINED], report.counts["created"], report.refusals) == (1, 1, 0)
    assert (await folder.read("Condition", "Condition/c1"))["subject"]["reference"] == f"Patient/{here}"
    stored = await folder.world.desk.read(demonstration.visit(WORKERS[EHR]), "Patient", EntryId(here))
    assert '"Here"' in stored.fhir


async def test_two_patients_of_the_run_with_one_number_become_one_person(folder: Folder) -> None:
    number = folder.world.nhs_number()
    folder.put("a.json", bundle(patient("p1", number), patient("p2", number), condition(who="Patient/p2")))
    for joined, kept in ((1, 2), (1, 0)):
        report = await folder.run()
        assert (report.counts[JOINED], report.counts["created"], report.refusals) == (joined, kept, 0)
    assert await count(folder.world, "person") == 1


async def test_somebody_elses_person_is_not_told_of(folder: Folder) -> None:
    number = folder.world.nhs_number()
    await folder.world.person(folder.world.visit(agency="LA9"), number)
    folder.put("a.json", patient(number=number))
    assert made(await folder.run()) == (1, 0, 0, 1)
    assert folder.reasons() == ["CONFLICT"]


BAD: list[tuple[str, Any]] = [
    ("INVALID", condition("c9", onsetDateTime="yesterday")),
    ("INVALID", patient("p9", number="9000000001")),
    ("NOT_FHIR", {"id": "x"}),
    ("NO_SUCH_TYPE", {"resourceType": "Wombat", "id": "x"}),
    ("UNSERVED", {"resourceType": "Questionnaire", "id": "x", "status": "active"}),
    (
        "OTHER_VERSION",
        {"resourceType": "CarePlan", "status": "active", "intent": "plan", "custodian": {"display": "x"}},
    ),
    ("NOBODY", {"resourceType": "Condition", "id": "c", "subject": {"display": "Somebody"}}),
    ("NOBODY", condition("c", who="urn:uuid:00000000-0000-4000-8000-00000000ffff")),
    ("GROUP", condition("c", who="Group/g")),
    ("CONTAINED", condition("c", who="#me", contained=[{"resourceType": "Patient", "id": "me"}])),
    (
        "LEAVE",
        condition("c", meta={"tag": [{"system": intake.PLAN_SLOT.replace("slot", "section"), "code": "benefits"}]}),
    ),
    ("TWICE", condition("c1", note=[{"text": "other words"}])),
]


@pytest.mark.parametrize("reason, bad", BAD, ids=lambda part: part if isinstance(part, str) else "")
async def test_one_bad_resource_refuses_itself_only_and_says_why(folder: Folder, reason: str, bad: Json) -> None:
    folder.put("a.json", bundle(patient(), condition(), bad, practitioner()))
    assert made(await folder.run()) == (4, 3, 0, 1)
    assert folder.reasons() == [reason]


UNREADABLE: list[tuple[str, str, bytes]] = [
    ("NOT_JSON", "a.json", b"{"),
    ("NOT_JSON", "a.json", b""),
    ("NOT_JSON", "a.md", b"# words"),
    ("NOT_JSON", "a.json.gz", gzip.compress(b"{}", mtime=0)[:-4]),
    ("NOT_FHIR", "a.json", b"[1]"),
    ("NOT_FHIR", "MANIFEST.jsonl", b'{"resourceType": "Patient"}'),
]


@pytest.mark.parametrize("reason, name, raw", UNREADABLE, ids=lambda part: part if isinstance(part, str) else "")
async def test_a_file_without_fhir_is_refused_and_the_others_are_read(
    folder: Folder, reason: str, name: str, raw: bytes
) -> None:
    folder.put(name, raw)
    folder.put("p.json", patient())
    report = await folder.run()
    assert made(report) == (1, 1, 0, 1)
    assert [one.name for one in report.refused] == [reason]


async def test_the_newer_of_two_that_have_one_id_is_taken(folder: Folder) -> None:
    old = condition(meta={"lastUpdated": "2025-01-01T00:00:00Z"}, code={"text": "Old"})
    new = condition(meta={"lastUpdated": "2026-01-01T00:00:00Z"}, code={"text": "New"})
    folder.put("a.json", bundle(patient(), old, new))
    assert made(await folder.run()) == (3, 2, 0, 1)
    assert (await folder.read("Condition", "Condition/c1"))["code"] == {"text": "New"}


async def test_those_who_belong_to_a_refused_patient_begin_without_them(folder: Folder) -> None:
    folder.put("a.json", bundle(patient(gender="unheard of"), condition()))
    report = await folder.run()
    assert (made(report), report.begun, folder.reasons()) == ((2, 1, 0, 1), 1, ["INVALID"])


async def test_a_provenance_may_come_before_what_it_is_about(folder: Folder) -> None:
    agent = {"agent": [{"who": {"display": "x"}}], "recorded": "2026-03-01T10:00:00Z"}
    target = {"target": [{"reference": "Condition/c1"}]}
    folder.put("a.json", {"resourceType": "Provenance", "id": "pr", **target, **agent})
    folder.put("b.json", bundle(condition(), patient()))
    assert made(await folder.run(batch=1)) == (3, 3, 0, 0)


async def test_the_source_can_be_named(folder: Folder) -> None:
    folder.put("a.json", bundle(patient(), condition(who=f"{BASE}/Patient/p1"), base=BASE))
    assert made(await folder.run(source="theirs")) == (2, 2, 0, 0)
    found = await folder.read("Condition", "Condition/c1", "theirs")
    assert found["subject"]["reference"] == f"Patient/{intake.derived('theirs', 'Patient/p1')}"


async def test_what_was_deleted_here_comes_back_with_an_import(folder: Folder) -> None:
    folder.put("a.json", bundle(patient(), condition()))
    await folder.run()
    visit = demonstration.visit(WORKERS[EHR])
    stored = await folder.world.desk.read(visit, "Condition", intake.derived("clinic", "Condition/c1"))
    await folder.world.write(visit, Deed(verb=Verb.DELETE, type="Condition", id=stored.id))
    report = await folder.run()
    assert report.counts["updated"] == 1


async def test_a_path_that_is_not_there_is_told(folder: Folder) -> None:
    with pytest.raises(FileNotFoundError):
        await folder.run(folder.path / "nowhere")


@pytest.mark.parametrize(
    "path, name",
    [
        ("synthea/Patient/a.json", "synthea"),
        ("synthea/fhir/Bundle/Patient/a.json", "fhir"),
        ("Patient/a.json", "files"),
    ],
)
def test_a_source_is_the_nearest_folder_that_is_not_named_after_a_type(path: str, name: str) -> None:
    assert intake.source_of(Path(path)) == name


def test_an_id_is_a_uuid_of_version_8_and_depends_on_both_names() -> None:
    ids = {intake.derived(space, key) for space in ("a", "b") for key in ("Patient/1", "Patient/2")}
    assert len(ids) == 4
    assert {(id_[14], id_[19] in "89ab") for id_ in ids} == {("8", True)}
