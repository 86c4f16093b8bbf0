"""Odd requests: what no honest client sends, as bytes, past every client library that would set them right first.

Whatever is sent, the answer is one of ours: a status below 500, in the words of its door, with the id of the request.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from string import ascii_letters, digits
from typing import Any
from urllib.parse import unquote

from fhir_facade import exact, xml_read
from fhir_facade.release import VersionName
from plan.model import Json
from plan.problem import Path
from tests.support.world import World

Headers = tuple[tuple[bytes, bytes], ...]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
HUGE = "".join(Random(1).choices(ascii_letters + digits, k=10_000))
"""A long text that no database can press into a short one."""
SQL = "' or 1=1; drop table entry; --"
INTERNALS = (b"Traceback", b'.py"', b"sqlite3", b"asyncpg", b"pydantic", b"KeyError", b"TypeError", b"ValueError")
"""What only the inside of the service would say."""

IDS = (
    b".", b"..", b"%2e%2e", b"..%2f..%2fetc%2fpasswd", b"%2F", b"", b"-", b"x" * 65, b"x" * 5000,
    b"%C3%A9%F0%9F%98%80", b"%ff%fe", b"%ED%A0%80", b"%00", b"a%00b", b"%0A", b"abc%0a", b"%20", b"%22",
    b"%27%20or%201=1;--", b"%zz", b"%", b"\xc2\xb2", b"0", b"-1", b"99999999999999999999999", b"%D9%A3", b"_history",
    b"_search", b"$everything", b"metadata", b"nobody", b"null", b"{id}", b";v=1",
)  # fmt: skip
"""Parts of an address, as they stand on the line."""

VALUES = (
    b"", b"0", b"-1", b"1", b"1e308", b"1e999999999", b"NaN", b"Infinity", b"9" * 30, b"9" * 5000,
    b"0." + b"0" * 400 + b"1", b"x" * 10_000, b"%zz", b"%", b"%ff%fe", b"\xff\xfe", b"%ED%A0%80", b"%0A%0D",
    b"%F0%9F%98%80", b"%27%20or%201=1;--", b"%22", b"[[[[[]]]]]", b"(((", b"a%7Cb%7Cc%7Cd", b"%7C", b"%7C%7C", b"%5C",
    b"%5C%2C%2C", b",,,", b",".join([b"a"] * 300), b"true", b"null", b"%7B%7D", b"Patient/", b"Patient/..", b"/////",
    b"http://%5B", b"http://[::1", b"urn:uuid:x", b"Patient/x/_history/99999999999999999999", b"2026-02-30",
    b"0000-01-01", b"9999-12-31T23:59:59.999999999-14:00", b"0001-01-01T00:00:00%2B14:00", b"2026-13", b"ge",
    b"eq2026-01-01T24:00:00Z", b"sa99999", b"lt-5e-500%7C%7Ckg", b"gt1e400",
    b"5.40e-3%7Chttp://unitsofmeasure.org%7Cg", b"eyJiZWZvcmUiOjF9", b"eyJiZWZvcmUiOiB0cnVlfQ", b"eyJhZnRlciI6W119",
    b"bnVsbA", b"W10", b"e30", b"eyJhdCI6MSwic2tpcCI6OTk5OTk5OTk5OTk5OTl9", b"eyJhdCI6LTEsInNraXAiOi0xfQ==",
    b"%3D%3D%3D", b"AAAA", b"*", b"_id", b"-_lastUpdated,-_id,-date,status,-name",
)  # fmt: skip
"""Values of parameters, as they stand on the line."""

NAMES = (
    b"_id", b"_count", b"_sort", b"_page", b"_cursor", b"_lastUpdated", b"_total", b"_include", b"_revinclude",
    b"_summary", b"_elements", b"_format", b"_tag", b"_security", b"_profile", b"_has:Goal:patient:_id", b"_filter",
    b"_text", b"_content", b"_list", b"_type", b"_pretty", b"patient", b"subject", b"patient.name",
    b"subject:Patient.name", b"patient:identifier", b"identifier", b"identifier:of-type", b"name", b"name:exact",
    b"name:contains", b"birthdate", b"date", b"code", b"code:text", b"code:not", b"code:in", b"status:missing",
    b"target-date", b"value-quantity", b"code-value-quantity", b"category", b"period", b"url", b"onset-age",
    b"probability", b"phonetic", b"address", b"telecom", b"limit", b"cursor", b"at", b"from", b"to", b"since",
    b"section", b"agency", b"nhs_number", b"birth_date", b"", b":", b"a[b][c]", b"%ff", b"x" * 3000, b"_count[]",
)  # fmt: skip
"""Names of parameters: real ones of both doors, modifiers, chains, and none."""

HEADERS: tuple[tuple[bytes, tuple[bytes, ...]], ...] = (
    (b"if-match", (b"99999999999999999999", b'"99999999999999999999"', b'W/"' + b"9" * 5000 + b'"', b"*",
        b'"1", "2"', b"", b'W/"', b'"-1"', b'"1e5"', b'"\xb2"', b"\xff")),
    (b"if-none-match", (b"*", b'"1", W/"2"', b'"', b"", b"\xff", b'W/"1"' * 500)),
    (b"if-modified-since", (b"yesterday", b"Thu, 99 Foo 99999 99:99:99 GMT", b"")),
    (b"if-none-exist", (b"", b"?", b"identifier=", b"identifier=a|b|c|d", b"_count=1", b"nonsense=1",
        b"name:foo=x", b"%ff=%zz", b"\xff=\xfe", b"a" * 10_000, b"_id=" + SQL.encode(), b"birthdate=0000",
        b"patient.name=x")),
    (b"prefer", (b"return=", b"return=banana", b"handling=strict", b"return=OperationOutcome",
        b"return=minimal,return=representation", b";;;,,,==", b"\xff", b"respond-async")),
    (b"content-type", (b"", b";", b"application/json;charset=", b"application/fhir+json; fhirVersion=",
        b"application/fhir+json; charset=klingon", b"text/html", b"multipart/form-data",
        b"application/x-www-form-urlencoded", b"application/json-patch+json", b"a/b/c", b"\xff", b"x" * 5000)),
    (b"accept", (b"", b",", b";", b"*", b"text/html;q=banana", b"application/fhir+json;q=0", b"*/*;q=0.0000",
        b"application/fhir+xml", b"application/json; fhirVersion=9.9", b"\xff", b"a," * 3000)),
    (b"idempotency-key", (b"", b" ", b"a b", b"k" * 256, b"k" * 255, b"\xff", b"'; drop table x; --", b"{}")),
    (b"authorization", (b"", b"Bearer", b"Bearer ", b"Basic eDp4", b"Bearer a.b.c", b"Bearer ...",
        b"Bearer e30.e30.e30", b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer eyJhbGciOjF9.e30.AA",
        b"Bearer W10.W10.AA", b"Bearer " + b"x" * 10_000, b"\xff", b"Bearer \xff.\xff.\xff", b"bearer bearer")),
    (b"x-request-id", (b"", b"a" * 65, b"a b", b"\xff", b"<script>", b"a\tb")),
    (b"x-correlation-id", (b"", b"\xff", b"a" * 65)),
    (b"traceparent", (b"", b"\xff", b"00-" + b"0" * 500)),
    (b"content-encoding", (b"gzip", b"br", b"gzip, gzip", b"", b"identity, gzip", b"\xff", b"GZIP")),
    (b"content-length", (b"\xb2", b"-1", b"1e9", b"9" * 12, b"9" * 30, b"9" * 5000)),
    (b"host", (b"", b"[", b"[::1", b"a b", b"\xff", b"x" * 5000, b"evil.example/..", b"a:99999999", b"@", b"a:b:c")),
    (b"range", (b"bytes=0-1", b"bytes=-", b"\xff")),
    (b"cookie", (b"\xff", b"=;=;")),
    (b"x-forwarded-proto", (b"gopher", b"\xff")),
)  # fmt: skip
"""Headers and their odd values."""

BODIES = (
    b"", b" ", b"null", b"[]", b"{}", b'""', b"0", b"NaN", b"{", b'{"":{}}', b"[" * 100_000, b'{"a":' * 3000,
    b'{"a":' * 60 + b"1" + b"}" * 60, b'"\\ud800"', b"\xff\xfe{}", b"\x00", b"a=b&c=%ff&%zz", b"_count=%ff&_id=\xff",
    b'{"resourceType":"Bundle"}', b'{"resourceType":[]}', b'{"resourceType":{"a":1}}', b"1" * 5000, b"-",
    b'{"x":1' + b"0" * 4500 + b"}", gzip.compress(b" " * 20_000_000), gzip.compress(b"{}")[:-3],
    gzip.compress(gzip.compress(b"{}")), b"\x1f\x8b\x08" + b"\xff" * 50,
)  # fmt: skip
"""Bodies of nothing in particular; some are packed, one of them a bomb."""

PUT_IN: tuple[Json, ...] = (
    None, {}, [], "", 0, -1, True, exact.Number("1e308"), exact.Number("-0.000"), 10**17, HUGE, SQL, " ", "\u00b2",
    "\U0001f600\u202e", [[[[[]]]]], [None], [{}], [""], {"": None}, {"resourceType": "Patient"}, {"reference": "#"},
    {"reference": "Patient/.."}, {"extension": [{"url": "x"}]}, "2026-02-30", "0000", "9999-12-31T23:59:60Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999999999-14:00", "0001", "9999", exact.Number("-1e-308"),
    exact.Number("1" * 99), exact.Number("9" * 30), "24:00:00", "\u2028\u0085\ufffe",
    "Patient/x/_history/99999999999999999999", "Patient?identifier=a|%ff", f"urn:x:{HUGE}", "http://[", "#a",
    "Patient/x?y=z", "urn:uuid:", "<div", "contained",
)  # fmt: skip
"""What stands where something else belongs."""
LONE = "-lone-surrogate-"
"""Stands for an escape that no serializer would write."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """One request, as it stands on the line. `target` is path and query."""

    method: str
    target: bytes
    headers: Headers = ()
    body: bytes = b""

    def __str__(self) -> str:
        said = [(name, value[:60]) for name, value in self.headers if name != b"authorization" or len(value) < 200]
        return f"{self.method} {self.target[:300]!r} {said} {self.body[:2000]!r}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


async def ask(world: World, odd: Oddity) -> Answered:
    """The answer of the application, asked as the server asks it (ASGI HTTP connection scope)."""
    raw, _, query = odd.target.partition(b"?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": odd.method,
        "scheme": "http",
        "path": unquote(raw.decode("latin-1")),
        "raw_path": raw,
        "query_string": query,
        "root_path": "",
        "headers": list(odd.headers),
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": odd.body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await world.app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answered(sent[0]["status"], dict(sent[0]["headers"]), body)


def wrong(odd: Oddity, answered: Answered) -> list[str]:
    """What is wrong with an answer; empty when nothing is."""
    found = [] if 200 <= answered.status < 500 else [f"status {answered.status}"]
    if not answered.headers.get(b"x-request-id"):
        found.append("no x-request-id")
    if answered.status in (204, 304) or odd.method == "HEAD":
        return found + (["a body"] if answered.body else [])
    if answered.status >= 400:
        path = unquote(odd.target.partition(b"?")[0].decode("latin-1"))
        fhir = path == "/fhir" or path.startswith("/fhir/")
        found += _no_outcome(answered, "R5" if path.startswith("/fhir/R5") else "R4") if fhir else _no_problem(answered)
        found += [f"it tells {word!r}" for word in INTERNALS if word in answered.body]
    return found


def _no_outcome(answered: Answered, version: VersionName) -> list[str]:
    media = answered.headers.get(b"content-type")
    if media not in (b"application/fhir+json; charset=utf-8", b"application/fhir+xml; charset=utf-8"):
        return [f"content type {media!r}"]
    said = xml_read.read(answered.body, version) if b"xml" in media else json.loads(answered.body)
    fine = said["resourceType"] == "OperationOutcome" and said["issue"] and all("code" in one for one in said["issue"])
    return [] if fine else ["no OperationOutcome"]


def _no_problem(answered: Answered) -> list[str]:
    if answered.headers.get(b"content-type") != b"application/problem+json":
        return [f"content type {answered.headers.get(b'content-type')!r}"]
    said = json.loads(answered.body)
    return [] if said["status"] == answered.status and said["code"] and said["title"] else ["no problem"]


def mutations(body: Json, values: Callable[[], tuple[Json, ...]] = lambda: PUT_IN) -> Iterator[bytes]:
    """A body with each element in turn replaced, left out, doubled, wrapped or named again."""
    for path in _places(body):
        held = _at(body, path)
        yield from (_json(_with(body, path, value)) for value in values())
        yield _json(_with(body, path, [held]))
        yield _json(_with(body, path, {"value": held}))
        yield _json(_with(body, path, _deep(held)))
        yield _json(_with(body, path, LONE)).replace(LONE.encode(), b"\\ud83d")
        if path:
            yield _json(_without(body, path))
        if isinstance(held, list):
            yield _json(_with(body, path, held * 2))
            yield _json(_with(body, path, held[0] if held else None))
        if isinstance(held, dict):
            yield _json(_with(body, path, {**held, "_" + next(iter(held), "x"): [None, {"id": 1}]}))
            yield _json(_with(body, path, {**held, "unheard_of": held}))


def sample(random: Random, count: int) -> Callable[[], tuple[Json, ...]]:
    """A few of the values, others each time."""
    return lambda: tuple(random.sample(PUT_IN, count))


def _places(value: Json, at: Path = ()) -> Iterator[Path]:
    yield at
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value[:2]):
            yield from _places(part, (*at, key))


def _at(value: Any, path: Path) -> Json:
    for key in path:
        value = value[key]
    return value


def _with(value: Any, path: Path, new: Json) -> Any:
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        return [_with(one, rest, new) if at == key else one for at, one in enumerate(value)]
    return {name: _with(held, rest, new) if name == key else held for name, held in value.items()}


def _without(value: Any, path: Path) -> Any:
    key, rest = path[0], path[1:]
    if rest:
        return _with(value, path[:1], _without(value[key], rest))
    if isinstance(value, list):
        return [one for at, one in enumerate(value) if at != key]
    return {name: held for name, held in value.items() if name != key}


def _deep(value: Json) -> Json:
    for _ in range(40):
        value = [value]
    return value


def _json(value: Json) -> bytes:
    return exact.dumps(value)
