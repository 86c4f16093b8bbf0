"""Nothing that anybody sends breaks the service: every odd request is answered in the words of its door, and refused
writes leave no version behind.

The requests are tables crossed with each other and cut down by seeds that are fixed, so that a run can be had again.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from api.fhir_routes import TABLE
from api.operations import OPERATIONS
from api.rest.examples import EXAMPLES
from fhir_facade import exact
from fhir_facade.faces import FACES
from fhir_facade.versions import VERSIONS, Version
from plan.kinds import KINDS
from tests.house.tree import ROOT
from tests.support import oddities
from tests.support.oddities import (
    BODIES,
    HEADERS,
    HUGE,
    IDS,
    METHODS,
    NAMES,
    SAFE,
    VALUES,
    Answered,
    Headers,
    Oddity,
    ask,
)
from tests.support.r4 import goal, task
from tests.support.rest import APART, begun
from tests.support.world import NHS, World

Json = Any
REST = exact.loads((ROOT / "openapi" / "rest.json").read_bytes())["paths"]
JSON = (b"content-type", b"application/json")
MERGE = (b"content-type", b"application/merge-patch+json")
FHIR = (b"content-type", b"application/fhir+json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
PATCH = (b"content-type", b"application/json-patch+json")
FIRST = (b"if-match", b'"1"')
BASES = (b"/fhir/R4", b"/fhir/R5")
TYPES = ("Patient", "Goal", "CarePlan", "Organization", "Observation", "Provenance", "Nope", "..", "%ff")
URLS = (
    "", "/", "?", "//", ";", "Goal", "Goal/", "Goal/..", "Goal/x?y", "Goal#x", "../Goal", "Goal/%00", "Goal/_search",
    "metadata", "_history", "Goal/x/_history/1", "Goal/x/_history/x", "Goal?_count=%ff", "Goal?_page=x", "http://[",
    "http://[::1/Goal", "Patient?identifier=a|b", "/fhir/R4/Goal", "http://127.0.0.1:8000/fhir/R4/Goal", "a b",
)  # fmt: skip
"""Addresses inside a Bundle."""
WRITTEN = "select (select count(*) from entry_version) + (select count(*) from directory_entry_version)"


@dataclass(slots=True)
class Ground:
    """A person with one entry of every kind, and everything that went wrong so far."""

    world: World
    person: str
    entries: dict[str, str]
    tokens: dict[str, str]
    versions: int = 0
    faults: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)

    async def send(self, odd: Oddity, kind: str = "") -> Answered:
        """Ask, and judge the answer."""
        signed: Headers = ((b"authorization", f"Bearer {self.tokens.get(kind, self.tokens[''])}".encode()),)
        if any(name == b"authorization" for name, _ in odd.headers):
            signed = ()
        odd = Oddity(odd.method, odd.target, (*signed, *odd.headers), odd.body)
        answered = await ask(self.world, odd)
        found = oddities.wrong(odd, answered)
        if odd.method not in SAFE:
            before, self.versions = self.versions, await self.written()
            if answered.status >= 400 and self.versions != before:
                found.append("refused, and yet something was written")
        if found:
            self.faults.append(f"{found}: {odd} -> {answered.body[:300]!r}")
        self.statuses.add(answered.status)
        return answered

    async def written(self) -> int:
        """How many versions there are."""
        return int((await self.world.database.rows(WRITTEN))[0][0])

    def fine(self, *statuses: int) -> None:
        """Fail where something went wrong, or where none of the requests came as far as these statuses."""
        assert not self.faults, f"{len(self.faults)} wrong answers:\n" + "\n".join(self.faults[:10])
        assert self.statuses >= set(statuses)


@pytest.fixture
async def ground(world: World) -> Ground:
    await world.agency("RX1")
    await world.agency("BA1")
    client, adviser = world.client(), world.client("benefits_adviser", "BA1")
    person = await begun(world, client)
    assert (await client.post(f"{person}/team", json={"agency": "BA1"})).status_code == 201
    entries = {}
    for kind in EXAMPLES.keys() & FACES.keys() - {"person", "section", *APART}:
        by = adviser if kind == "benefits" else client
        section = "health" if "health" in KINDS[kind].sections else min(KINDS[kind].sections)
        answer = await by.post(f"{person}/plan/sections/{section}/{kind}", json=EXAMPLES[kind])
        assert answer.status_code == 201, (kind, answer.text)
        entries[kind] = answer.headers["location"]
    tokens = {"": world.token(), "benefits": world.token("benefits_adviser", "BA1")}
    made = Ground(world, person.rpartition("/")[2], dict(sorted(entries.items())), tokens)
    made.versions = await made.written()
    return made


def _rest_targets(ground: Ground, random: Random) -> Iterator[bytes]:
    """Every address of REST, as it is (once for each method) and with each part in turn replaced by something odd."""
    right = {"person": ground.person, "section": "health", "kind": "goal", "member": "RX1", "version": "1"}
    right["item"] = "housing.access"
    right["entry"] = right["override"] = right["webhook"] = right["calendar"] = ground.entries["goal"].rpartition("/")[
        2
    ]
    for path in REST:
        parts = re.findall(r"{(\w+)}", path)
        for odd, id_ in [
            *[("", b"")] * len(METHODS),
            *((part, id_) for part in parts for id_ in random.sample(IDS, 14)),
        ]:
            target = path.encode()
            for part in parts:
                target = target.replace(b"{%s}" % part.encode(), id_ if part == odd else right[part].encode())
            yield target


def _fhir_targets(random: Random) -> Iterator[bytes]:
    """Every form of address of FHIR, with odd types, ids and versions."""
    operations = (
        f"{shape}/${name}".lstrip("/")
        for shape in ("", "T", "T/id")
        for name in sorted({row.name for row in OPERATIONS})
    )
    for shape in (*TABLE, "metadata", "/", *operations, "T/id/_history/v/v"):
        for type_ in TYPES if "T" in shape else TYPES[:1]:
            for id_ in random.sample(IDS, 3 if "$" in shape else 12) if "id" in shape else IDS[:1]:
                for version in (b"1", b"0", b"99999999999", b"%D9%A3", b"x") if "v" in shape else (b"",):
                    said = {"T": type_.encode(), "id": id_, "v": version}
                    yield b"/".join(
                        [random.choice(BASES), *(said.get(part, part.encode()) for part in shape.split("/") if part)]
                    )


async def test_no_address_and_no_method_breaks(ground: Ground):
    random = Random(1)
    ours, theirs = exact.dumps(EXAMPLES["goal"]), exact.dumps(goal(ground.person))
    none = (b"", b"*", b"//", b"/fhir", b"/fhir/R3/Goal", b"/fhir/R4//", b"/fhir/R5//")
    often = [b"/fhir/R5/Goal"] * len(METHODS)
    for target in (*_rest_targets(ground, random), *_fhir_targets(random), *none, *often):
        kind, good = (FHIR, theirs) if target.startswith(b"/fhir") else (JSON, ours)
        for method in METHODS if random.random() < 0.1 else random.sample(METHODS, 2):
            body = b"" if method in SAFE else random.choice((b"", good, good))
            headers = (MERGE if method == "PATCH" and kind is JSON else kind, (b"if-match", b'"77"'))
            await ground.send(Oddity(method, target, headers, body))
    ground.fine(200, 201, 400, 404, 405, 412)


async def test_no_query_breaks(ground: Ground):
    random, one = Random(2), ground.entries["goal"]
    whose = f"/v1/people/{ground.person}"
    places = ["/v1/people", *(f"{whose}/{part}" for part in ("plan", "plan/diff", "history", "changes", "messages"))]
    places += ["/v1/agencies", "/v1/workers", f"{one}/versions", f"{one}/diff"]
    searched = ["Patient", "Goal", "Observation", "Organization", "RiskAssessment", "_history", "metadata", ""]
    searched += (
        f"Goal/{one.rpartition('/')[2]}/_history",
        f"Patient/{ground.person}/*",
        f"Patient/{ground.person}/$everything",
    )
    places += [f"/fhir/R4/{place}".removesuffix("/") for place in searched]
    for place in map(str.encode, places):
        for name in NAMES:
            for value in random.sample(VALUES, 8):
                pairs = [name + b"=" + value]
                pairs += [random.choice((name, *NAMES)) + b"=" + random.choice(VALUES)] * random.choice((0, 0, 1, 2))
                said: Headers = ((b"prefer", b"handling=strict"),) * random.choice((0, 1))
                said += ((b"accept", b"application/fhir+xml"),) * random.choice((0, 0, 1))
                query, at = b"&".join(pairs), place.replace(*BASES) if random.random() < 0.5 else place
                await ground.send(Oddity("GET", at + b"?" + query, said))
                if place.startswith(b"/fhir") and random.random() < 0.2:
                    await ground.send(Oddity("POST", at + b"/_search", (FORM, *said), query))
    ground.fine(200, 400, 404, 406)


async def test_no_tampered_cursor_breaks(ground: Ground):
    random, whose = Random(3), f"/v1/people/{ground.person}"
    places = [f"{whose}/history?limit=1&cursor=", f"{whose}/changes?limit=1&since=", "/v1/agencies?limit=1&cursor="]
    for place in (
        *places,
        "/fhir/R4/Goal?_sort=-_lastUpdated&_count=1&_page=",
        "/fhir/R5/Organization?_count=1&_page=",
        "/fhir/R5?_type=Goal,Task&_count=1&_page=",
        "/fhir/R4/_history?_count=1&_page=",
        f"/fhir/R4/Patient/{ground.person}/$everything?_count=1&_page=",
    ):
        first = await ground.send(Oddity("GET", place.rpartition("&")[0].encode()))
        found = re.search(rb'(?:_page=|"(?:next|cursor)":")([\w-]+)', first.body)
        cursor = found[1] if found else b"eyJhdCI6MSwic2tpcCI6MH0"
        for _ in range(40):
            at = random.randrange(len(cursor))
            middle = random.choice((b"", b"%00", b"=", b"A", b"_", b"-", b"/", b"%F0%9F%98%80", cursor))
            await ground.send(
                Oddity("GET", place.encode() + cursor[:at] + middle + cursor[at + random.choice((0, 1, 9)) :])
            )
    ground.fine(200, 400)


def _requests(ground: Ground) -> list[tuple[str, str, Headers, Json]]:
    """Good requests of either door, to which something odd is added."""
    whose, one, id_ = f"/v1/people/{ground.person}", ground.entries["goal"], ground.entries["goal"].rpartition("/")[2]
    ours = goal(ground.person, id=id_)
    entry = {"request": {"method": "POST", "url": "Goal"}, "resource": goal(ground.person)}
    return [
        ("GET", f"{whose}/plan", (), None),
        ("GET", one, (), None),
        ("POST", f"{whose}/plan/sections/health/goal", (JSON,), EXAMPLES["goal"]),
        ("POST", f"{whose}/messages?section=health", (JSON,), EXAMPLES["message"]),
        ("PUT", one, (JSON,), EXAMPLES["goal"]),
        ("PATCH", one, (MERGE,), {"importance": 3}),
        ("DELETE", ground.entries["need"], (), None),
        ("GET", f"/fhir/R4/Goal/{id_}", (), None),
        ("GET", f"/fhir/R4/Goal?patient={ground.person}", (), None),
        ("POST", "/fhir/R4/Goal", (FHIR,), ours),
        ("PUT", f"/fhir/R4/Goal/{id_}", (FHIR,), ours),
        ("DELETE", "/fhir/R5/Goal/nobody", (), None),
        ("PATCH", f"/fhir/R5/Goal/{id_}", (PATCH,), [{"op": "test", "path": "/id", "value": id_}]),
        ("POST", f"/fhir/R4/Goal/{id_}/$meta-add", (FHIR,), {"resourceType": "Parameters"}),
        ("POST", "/fhir/R5", (FHIR,), {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}),
        *(("GET", path, (), None) for path in ("/fhir/R4/metadata", "/livez", "/readyz", "/openapi.json")),
    ]


async def test_no_header_breaks(ground: Ground):
    random, odd = Random(4), [(name, value) for name, values in HEADERS for value in values]
    for method, target, headers, body in _requests(ground):
        sent = b"" if body is None else exact.dumps(body)
        for at, (name, value) in enumerate(odd):
            others = tuple(header for header in headers if header[0] != name)
            more = ((b"idempotency-key", b"%d" % at), random.choice(odd)) if random.random() < 0.5 else ()
            await ground.send(Oddity(method, target.encode(), (*others, (name, value), *more), sent))
    ground.fine(200, 201, 304, 400, 401, 406, 412, 413, 415, 428)


async def test_no_body_of_nothing_in_particular_breaks(ground: Ground):
    writes = [one for one in _requests(ground) if one[3] is not None]
    forms = [
        ("POST", "/fhir/R4/Goal/_search", (FORM,), None),
        ("POST", f"/v1/people/{ground.person}/team", (JSON,), None),
    ]
    for method, target, headers, _ in (*writes, *forms):
        for body in BODIES:
            for more in ((), ((b"content-encoding", b"gzip"),), (FIRST, (b"idempotency-key", b"again"))):
                await ground.send(Oddity(method, target.encode(), (*headers, *more), body))
    ground.fine(200, 400, 413)


async def test_no_native_body_breaks(ground: Ground):
    random = Random(5)
    whose, few = f"/v1/people/{ground.person}", oddities.sample(random, 9)
    posts: list[tuple[str, str, str]] = [
        ("person", "POST", "/v1/people"),
        ("section", "PUT", f"{whose}/plan/sections/health"),
    ]
    posts += [(kind, "POST", one.rpartition("/")[0]) for kind, one in ground.entries.items()]
    for kind, method, target in posts:
        frame = {"version": 1, "restricted_to": ["RX1"]} if method == "PUT" else {"restricted_to": ["RX1"]}
        for body in oddities.mutations({**EXAMPLES[kind], **({} if kind == "person" else frame)}, few):
            await ground.send(Oddity(method, target.encode(), (JSON,), body), kind)
            if kind in ground.entries and random.random() < 0.3:
                method_, media = random.choice((("PATCH", MERGE), ("PUT", JSON)))
                await ground.send(Oddity(method_, ground.entries[kind].encode(), (media, FIRST), body), kind)
    for body in oddities.mutations({"agency": "LA1", "role": "social worker", "worker": "w1"}):
        await ground.send(Oddity("POST", f"{whose}/team".encode(), (JSON,), body))
    await _everything_can_be_read(ground)
    ground.fine(200, 201, 400, 412)


async def _everything_can_be_read(ground: Ground) -> None:
    """What was taken, odd as it may be, comes back by every way of reading it."""
    whose = f"/v1/people/{ground.person}"
    moments = "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"
    reads = [whose, *(f"{whose}/{part}" for part in ("plan", "team", "history", "changes", f"plan/diff?{moments}"))]
    reads += [
        f"{base.decode()}/{type_}?patient={ground.person}"
        for base in BASES
        for type_ in sorted({face.type for face in FACES.values()})
    ]
    for target in (*reads, f"/fhir/R4/Patient/{ground.person}", "/fhir/R4/Patient?_count=1000", "/v1/people?name=x"):
        await ground.send(Oddity("GET", target.encode()))


async def _resources(ground: Ground, version: Version) -> list[dict[str, Json]]:
    """One resource of every kind and of the frame, as the FHIR door gives them."""
    found = []
    for kind, one in ground.entries.items():
        target = f"{version.prefix}/{version.shown_type(FACES[kind].type)}/{one.rpartition('/')[2]}"
        found.append(exact.loads((await ground.send(Oddity("GET", target.encode()), kind)).body))
    for type_ in ("Patient", "CareTeam", "CarePlan"):
        query = f"{version.prefix}/{type_}?{'_id' if type_ == 'Patient' else 'patient'}={ground.person}&_count=1"
        found.append(exact.loads((await ground.send(Oddity("GET", query.encode()))).body)["entry"][0]["resource"])
    return found


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
async def test_no_resource_breaks(ground: Ground, version: Version):
    random = Random(6)
    for resource in await _resources(ground, version):
        type_, id_ = resource["resourceType"], resource["id"]
        bodies = list(oddities.mutations(resource, oddities.sample(random, 5)))
        for body in random.sample(bodies, min(len(bodies), 100)):
            if random.random() < 0.4:
                tag: Headers = (FIRST,) * random.choice((0, 1))
                await ground.send(Oddity("PUT", f"{version.prefix}/{type_}/{id_}".encode(), (FHIR, *tag), body))
            else:
                await ground.send(Oddity("POST", f"{version.prefix}/{type_}".encode(), (FHIR,), body))
    await _everything_can_be_read(ground)
    ground.fine(200, 201, 400, 412)


async def test_no_bundle_breaks(ground: Ground):
    random, link = Random(7), "urn:uuid:4b1c2d3e-0000-4000-8000-000000000001"
    id_ = ground.entries["goal"].rpartition("/")[2]
    resource = goal(ground.person)
    entries: list[Json] = [
        {"fullUrl": link, "resource": resource, "request": {"method": "POST", "url": "Goal", "ifNoneExist": "_id=x"}},
        {"resource": task(ground.person, focus={"reference": link}), "request": {"method": "POST", "url": "Task"}},
        {"request": {"method": "GET", "url": f"Goal/{id_}", "ifNoneMatch": 'W/"1"', "ifModifiedSince": "2026-01-01"}},
        {"resource": {**resource, "id": id_}, "request": {"method": "PUT", "url": f"Goal/{id_}", "ifMatch": 'W/"1"'}},
        {"request": {"method": "DELETE", "url": "Goal/nobody", "ifMatch": 'W/"1"'}},
    ]
    for kind in ("transaction", "batch"):
        bundle = {"resourceType": "Bundle", "type": kind, "entry": entries}
        await _bundles(ground, oddities.mutations(bundle, oddities.sample(random, 5)))
        odd = [
            {"resource": resource, "request": {"method": m, "url": url}} for m in (*METHODS, "get", "") for url in URLS
        ]
        await _bundles(ground, (exact.dumps({**bundle, "entry": [one]}) for one in random.sample(odd, 120)))
    ground.fine(200, 400, 404)


async def _bundles(ground: Ground, bodies: Iterable[bytes]) -> None:
    """Send them; an entry of an answer may not say that something broke either."""
    for at, body in enumerate(bodies):
        answered = await ground.send(Oddity("POST", BASES[at % 2], (FHIR,), body))
        held = exact.loads(answered.body) if answered.status == 200 else {}
        if any(entry["response"]["status"].startswith("5") for entry in held.get("entry", ())):
            ground.faults.append(f"an entry broke: {body[:1500]!r} -> {answered.body[:600]!r}")


NOBODY = [{"subject": {"identifier": {"system": NHS, "value": value}}} for value in ("123", "9434765918", HUGE, " ")]
UNCODED = [
    {"code": {"text": "Falls"}, "clinicalStatus": {"coding": [{"code": code}]}} for code in ([], ["a"], {"a": 1}, 1)
]


async def test_an_identifier_that_cannot_be_one_names_nobody(ground: Ground):
    for odd in NOBODY:
        answered = await ground.send(Oddity("POST", b"/fhir/R4/Goal", (FHIR,), exact.dumps(goal("x:x") | odd)))
        assert answered.status == 400, odd
    ground.fine(400)


async def test_a_code_that_is_no_text_is_none_that_is_allowed(ground: Ground):
    for odd in UNCODED:
        condition = {"resourceType": "Condition", "subject": {"reference": f"Patient/{ground.person}"}, **odd}
        answered = await ground.send(Oddity("POST", b"/fhir/R4/Condition", (FHIR,), exact.dumps(condition)))
        assert answered.status == 400, odd
    ground.fine(400)
