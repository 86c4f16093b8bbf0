"""Personal values leave the service in answers to who may see them, and nowhere else: a served process is driven with
marked values, by good requests and bad, and everything else that it wrote is searched for the mark: what it printed,
its working folder, the folder for temporary files, the headers of its answers, and its errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth import development
from plan.model import AgencyId, PersonId, Role, Subject
from tests.support import feed
from tests.support.r4 import JSON, goal, task
from tests.support.served import serving
from tests.support.world import NHS

MARK = "zqcanary"
NUMBER = "9434765919"
MARKS = (MARK, NUMBER)
DATABASE = "oneplan.db"
PLAIN = {"content-type": "application/json"}
MERGE = {"content-type": "application/merge-patch+json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(slots=True)
class Run:
    """One served process: its folder, who asks, and every answer."""

    folder: Path
    base: str
    key: Path
    answers: list[httpx.Response] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, role: str, agency: str, person: str = "", name: str = "") -> httpx.Client:
        token = development.token(
            self.key, subject=Subject(f"{role}-of-{agency}"), agency=AgencyId(agency), role=Role(role),
            scopes="system/*.cruds", person=PersonId(person) if person else None, name=name,
        )  # fmt: skip
        made = httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        made.event_hooks["response"] = [self.answers.append]
        self.clients.append(made)
        return made


def sent(person: str) -> Iterator[tuple[str, str, Any, dict[str, str]]]:
    """Requests that carry the mark, wherever one can stand: most are not as they must be."""
    home, note = f"/v1/people/{person}", {"goal": MARK, "status": "active"}
    shelf = f"{home}/plan/sections/health/goal"
    for base in ("/fhir/R4", "/fhir/R5"):
        yield "GET", f"{base}/Patient?name={MARK}&identifier={NHS}|{NUMBER}", None, {}
        yield "GET", f"{base}/Goal?description={MARK}&nonsense={MARK}", None, {"Prefer": "handling=strict"}
        yield "GET", f"{base}/{MARK}/{MARK}", None, {}
        yield "GET", f"{base}/Patient/{person}/${MARK}", None, {}
        yield "GET", f"{base}/Patient/{person}/$everything", None, {}
        yield "GET", f"{base}/Goal?_page={MARK}", None, {}
        yield "POST", f"{base}/Patient/_search", f"name={MARK}".encode(), FORM
        yield "POST", f"{base}/Goal", f'{{"resourceType": "{MARK}"'.encode(), JSON
        yield "POST", f"{base}/Goal", {**goal(person, MARK), "lifecycleStatus": MARK}, JSON
        yield "POST", f"{base}/Goal", goal(f"Patient/{MARK}", MARK), JSON
        yield "POST", f"{base}/Goal", goal(person, MARK), {**JSON, "If-None-Exist": f"description={MARK}"}
        yield "POST", f"{base}/Goal", goal(person, MARK * 100_000), JSON
        yield "POST", f"{base}/Goal/$validate", goal(person, MARK), JSON
        yield "POST", f"{base}/Task", task(person, description=MARK, owner={"reference": f"Organization/{MARK}"}), JSON
        yield "PATCH", f"{base}/Patient/{person}", [{"op": "test", "path": "/gender", "value": MARK}], JSON
        yield "PUT", f"{base}/Patient/{person}", {"resourceType": "Patient", "id": MARK}, JSON
        one = {"request": {"method": "POST", "url": f"Goal?{MARK}"}, "resource": goal(person, MARK)}
        yield "POST", base, {"resourceType": "Bundle", "type": "transaction", "entry": [one]}, JSON
        patient = {"resourceType": "Patient", "name": [{"family": MARK}]}
        matched = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient}]}
        yield "POST", f"{base}/Patient/$match", matched, JSON
        yield "POST", f"{base}/Subscription", feed.subscription(endpoint=f"https://{MARK}.example/{MARK}"), JSON
        yield "GET", f"{base}/$export?_type=Goal,{MARK}", None, {"Prefer": "respond-async"}
    yield "GET", f"/v1/people?name={MARK}&nhs_number={NUMBER}", None, {}
    yield "GET", f"/v1/people/{MARK}/plan", None, {}
    yield "GET", f"{home}/plan?at={MARK}", None, {}
    yield "GET", f"{home}/history?cursor={MARK}", None, {"X-Request-ID": MARK * 20, "X-Correlation-ID": MARK * 20}
    yield "GET", f"{home}/access-log", None, {}
    yield "POST", shelf, note, {**PLAIN, "Idempotency-Key": MARK}
    yield "POST", shelf, {**note, MARK: MARK}, PLAIN
    yield "POST", shelf, b'{"goal": "' + MARK.encode() + b"\xff", PLAIN
    yield "POST", f"{home}/plan/sections/{MARK}/goal", note, PLAIN
    yield "PATCH", f"{shelf}/{MARK}", {"goal": MARK}, MERGE
    yield "POST", f"{home}/messages?section=health", {"text": MARK, "status": "sent"}, PLAIN
    yield "POST", "/v1/overrides", {"person": person, "reason": MARK, "text": f"{MARK} was found at home"}, PLAIN
    yield "POST", "/v1/people", {"name": {"family": MARK}, "nhs_number": NUMBER}, PLAIN
    yield "GET", f"/nothing/{MARK}?{MARK}={MARK}", None, {}
    yield "BREW", f"{home}/plan", None, {}
    yield "GET", f"/auth/authorize?client_id={MARK}&redirect_uri=https://{MARK}.example/&state={MARK}", None, {}
    yield "POST", "/auth/token", f"grant_type=password&username={MARK}&password={MARK}".encode(), FORM
    yield "POST", "/auth/sign-in", f"name={MARK}&password={MARK}".encode(), FORM
    yield "GET", f"/auth/with/{MARK}/back?code={MARK}&state={MARK}", None, {}
    yield "GET", f"{home}/plan", None, {"Authorization": f"Bearer {MARK}"}
    yield "GET", f"{home}/plan", None, {"Cookie": f"session={MARK}"}


def asked(client: httpx.Client, method: str, url: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    if isinstance(body, bytes):
        return client.request(method, url, content=body, headers=headers)
    return client.request(method, url, json=body, headers=headers)


def begun(run: Run) -> str:
    """A person with the mark in every value of theirs."""
    administrator, clinician = run.client("administrator", "RX1"), run.client("clinician", "RX1", name=MARK)
    agency = {"resourceType": "Organization", "id": "RX1", "name": "Agency"}
    asked(administrator, "PUT", "/fhir/R4/Organization/RX1", agency, JSON)
    patient = {
        "resourceType": "Patient",
        "identifier": [{"system": NHS, "value": NUMBER}],
        "name": [{"family": MARK, "given": [MARK]}],
        "telecom": [{"system": "email", "value": f"{MARK}@example.org"}],
        "address": [{"line": [f"1 {MARK} Street"]}],
        "contact": [{"name": {"family": MARK}}],
    }
    answer = asked(clinician, "POST", "/fhir/R4/Patient", patient, JSON)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def written(folder: Path) -> dict[str, bytes]:
    """Every file that the process left, but for the database and what belongs to it."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(DATABASE)]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run, over: the process has ended, and all that it wrote is there to be searched."""
    folder = tmp_path_factory.mktemp("canaries")
    temporary, key = folder / "temporary", folder / "key.json"
    temporary.mkdir()
    with serving(folder, ONEPLAN_DEVELOPMENT_KEY=str(key), TMPDIR=str(temporary)) as served:
        made = Run(folder, served.base, key)
        person = begun(made)
        for role, agency in (("clinician", "RX1"), ("clinician", "RX9"), ("auditor", "RX1"), ("administrator", "RX9")):
            client = made.client(role, agency)
            for method, url, body, headers in sent(person):
                asked(client, method, url, body, headers)
        for client in made.clients:
            client.close()
    return made


def test_the_run_has_shown_and_refused_much(run: Run):
    statuses = [answer.status_code for answer in run.answers]
    assert len(statuses) > 200
    assert {200, 201, 400, 401, 403, 404, 405, 422} <= set(statuses)
    assert not [answer.text for answer in run.answers if answer.status_code == 500]
    shown = [answer for answer in run.answers if answer.status_code == 200 and MARK in answer.text]
    assert len(shown) > 10


def test_nothing_that_was_printed_and_no_file_holds_it(run: Run):
    files = written(run.folder)
    assert {"served.out", "served.log"} <= files.keys()
    assert b"running on" in files["served.log"]
    for name, held in files.items():
        for mark in MARKS:
            assert mark.encode() not in held.lower(), name


def test_no_header_holds_it(run: Run):
    """An address that is told holds ids; what a request says of itself is not sent back when it is no id."""
    for answer in run.answers:
        for name, value in answer.headers.items():
            # The name that a client gives to its requests is its own, and is told to it again.
            named = name in ("x-request-id", "x-correlation-id")
            assert named or not any(mark in value.lower() for mark in MARKS), (answer.request.url, name, value)


def test_who_may_not_see_is_told_nothing_of_what_is_there(run: Run):
    """Somebody without a relation who sends no mark is answered without one, whatever they ask."""
    number = 0
    for answer in run.answers:
        request = answer.request
        mine = MARK in str(request.url) or MARK in request.content.decode(errors="ignore")
        theirs = NUMBER in str(request.url) or NUMBER in request.content.decode(errors="ignore")
        if answer.status_code >= 400 and not mine and not theirs:
            number += 1
            assert not any(mark in answer.text.lower() for mark in MARKS), (request.url, answer.text)
    assert number > 20
