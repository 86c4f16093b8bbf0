"""Random requests: every door, every search parameter, every condition, good and bad input, reading and writing.

They are made of ids and words alone, so the same seed asks two worlds the same thing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from api.rest.examples import EXAMPLES
from fhir_facade.params import Param, params
from tests.access.twins import KINDS, NUMBERS, SECRETS, WORDS, resource
from tests.support.world import NHS

FHIR = {"content-type": "application/fhir+json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
BASES = ("/fhir/R4", "/fhir/R5")
ABSENT = ("0190ffff-0000-7000-8000-000000000001", "nobody", "0190ffff-0000-7000-8000-00000000000f")
TYPES = (*KINDS, "MedicationStatement", "Patient", "CarePlan", "CareTeam", "Consent", "RelatedPerson", "Provenance")
SECTIONS = ("health", "housing", "social_care", "about_me", "benefits", "legal", "safeguarding", "transitions")
NATIVE = ("goal", "need", "action", "risk", "message", "service", "observation")
WHEN = ("2026-03-02", "2026-03-02T10:00:30Z", "1941-05-17", "ge2026-03-01", "lt2026-03-02T10:00:40Z", "2020", "x")


@dataclass(frozen=True, slots=True)
class Question:
    """One request."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Asking:
    """What requests are made of: ids by type, of what is shown, of what is hidden, of what never was."""

    random: Random
    person: str
    ids: list[tuple[str, str]]
    hidden: list[tuple[str, str]]
    people: Sequence[str]
    spots: Mapping[str, tuple[str, str, str]]
    numbers: Sequence[str] = NUMBERS

    def one(self, type_: str = "") -> tuple[str, str]:
        """A type and an id, of any kind; of the type when there is one."""
        pool = self.random.choice([self.ids, self.hidden, self.hidden]) or self.ids
        some = [pair for pair in pool if pair[0] == type_] if type_ else pool
        if not some or self.random.random() < 0.1:
            return type_ or self.random.choice(TYPES), self.random.choice(ABSENT)
        return self.random.choice(some)

    def ref(self) -> str:
        """A reference to anything."""
        return "/".join(self.one())

    def shelf(self, id_: str) -> tuple[str, str]:
        """The shelf on which an entry stands, mostly, and the kind that stands there."""
        person, section, kind = self.spots.get(id_, ("", "", ""))
        if not kind or self.random.random() < 0.2:
            person, section, kind = self.somebody(), self.random.choice(SECTIONS), self.random.choice(NATIVE)
        return f"/v1/people/{person}/plan/sections/{section}/{kind}", kind

    def somebody(self) -> str:
        """A person: mostly the one of the plan."""
        return self.random.choice([self.person] * 3 + [*self.people, ABSENT[0]])

    def word(self) -> str:
        """A word that stands in something, or nowhere."""
        return self.random.choice([*WORDS, *SECRETS, "nothing", "Okafor", "Secret", "Kim"])

    def question(self) -> Question:
        """One of all of them."""
        makers, weights = zip(*MAKERS, strict=True)
        made: Question = self.random.choices(makers, weights)[0](self)
        return made


Maker = Callable[[Asking], Question]


def _base(on: Asking) -> str:
    return on.random.choice(BASES)


def _conditions(on: Asking) -> dict[str, str]:
    return on.random.choice(
        [
            {},
            {},
            {"if-none-match": f'W/"{on.random.randint(1, 3)}"'},
            {"if-none-match": "*"},
            {"if-modified-since": "Mon, 02 Mar 2026 10:00:20 GMT"},
            {"accept": "application/fhir+xml"},
            {"prefer": "handling=strict"},
        ]
    )


# reading


def read(on: Asking) -> Question:
    type_, id_ = on.one()
    tail = on.random.choice(["", "", "/_history", "/_history/1", "/_history/2", "/_history?_count=1", "?_summary=true"])
    return Question(on.random.choice(["GET", "GET", "HEAD"]), f"{_base(on)}/{type_}/{id_}{tail}", None, _conditions(on))


def history(on: Asking) -> Question:
    at = on.random.choice(["", *(f"/{type_}" for type_ in TYPES)])
    terms = on.random.choice(
        ["", "?_count=2", "?_since=2026-03-02T10:00:20Z", "?_at=2026-03-02T10:00:25Z", "?_count=1&_since=2026-03-02"]
    )
    return Question("GET", f"{_base(on)}{at}/_history{terms}")


def search(on: Asking) -> Question:
    type_ = on.random.choice(TYPES)
    pairs = [_pair(on, type_) for _ in range(on.random.randint(0, 3))]
    if on.random.random() < 0.4:
        pairs.append(("patient" if type_ != "Patient" else "_id", on.somebody()))
    pairs += _results(on, type_)
    query = urlencode(pairs, safe=":|,$/")
    at = on.random.choice([f"/{type_}"] * 4 + [f"/Patient/{on.somebody()}/{type_}"])
    if on.random.random() < 0.2:
        return Question("POST", f"{_base(on)}{at}/_search", query.encode(), FORM)
    return Question("GET", f"{_base(on)}{at}?{query}", None, _conditions(on))


def search_several(on: Asking) -> Question:
    types = ",".join(on.random.sample(TYPES, 3))
    pair = on.random.choice([("_id", on.one()[1]), ("_lastUpdated", on.random.choice(WHEN)), ("_count", "2")])
    at = on.random.choice(["", f"/Patient/{on.somebody()}/*"])
    return Question("GET", f"{_base(on)}{at}?{urlencode([('_type', types), pair, *_results(on, 'Goal')[:1]])}")


def _pair(on: Asking, type_: str) -> tuple[str, str]:
    found = on.random.choice(params(type_))
    dice = on.random.random()
    if dice < 0.12:
        return _has(on, type_)
    if dice < 0.24 and found.family == "reference":
        to = on.random.choice(TYPES)
        return f"{found.name}:{to}.{_pair(on, to)[0]}", _value(on, on.random.choice(params(to)))
    if dice < 0.3:
        return on.random.choice(
            [("_id", on.one()[1]), ("_lastUpdated", on.random.choice(WHEN)), ("_tag", on.word()), ("_text", on.word())]
        )
    modifier = on.random.choice(["", "", "", ":missing", ":not", ":exact", ":contains", ":text", ":identifier"])
    value = on.random.choice(["true", "false"]) if modifier == ":missing" else _value(on, found)
    return f"{found.name}{modifier}", value


def _has(on: Asking, type_: str) -> tuple[str, str]:
    from_ = on.random.choice(TYPES)
    refs = [p.name for p in params(from_) if p.family == "reference"]
    inner = on.random.choice(params(from_))
    return f"_has:{from_}:{on.random.choice(refs)}:{inner.name}", _value(on, inner)


def _value(on: Asking, param: Param) -> str:
    word = on.word()
    if param.name == "identifier" and on.random.random() < 0.5:
        number = on.random.choice(on.numbers)
        return on.random.choice([f"{NHS}|{number}", number, f"urn:id|{word.lower()} {on.random.randint(0, 9)}"])
    if param.family == "reference":
        return on.random.choice([on.ref(), on.one()[1], f"Patient/{on.somebody()}"])
    if param.family == "date":
        return on.random.choice(WHEN)
    if param.family in ("number", "quantity"):
        return on.random.choice(["6", "ge5", "lt9", "x"])
    if param.family == "token":
        status = on.random.choice(["active", "requested", "final", "completed"])
        return on.random.choice([word.lower(), f"urn:code|{word.lower()}", status, "urn:code|", f"|{word}"])
    return on.random.choice([word, word[:3].lower(), f"{word} {on.random.randint(0, 9)}"])


def _results(on: Asking, type_: str) -> list[tuple[str, str]]:
    sort = on.random.choice(["_lastUpdated", "-_lastUpdated", "_id", on.random.choice(params(type_)).name])
    along = on.random.choice(params(type_)).name
    back = on.random.choice(TYPES)
    back_by = on.random.choice([p.name for p in params(back) if p.family == "reference"])
    some = [
        ("_sort", on.random.choice(["", "-"]) + sort.lstrip("-")),
        ("_count", str(on.random.choice([0, 1, 2, 5]))),
        ("_total", on.random.choice(["accurate", "estimate", "none"])),
        ("_summary", on.random.choice(["count", "true", "text"])),
        ("_include", on.random.choice([f"{type_}:{along}", f"{type_}:*", "*"])),
        ("_include:iterate", f"{type_}:{along}"),
        ("_revinclude", on.random.choice([f"{back}:{back_by}", f"{back}:*"])),
        ("_elements", "id,subject"),
    ]
    return on.random.sample(some, on.random.randint(0, 3))


def operation(on: Asking) -> Question:
    type_, id_ = on.one()
    base, person = _base(on), on.somebody()
    get = [
        f"/Patient/{person}/$everything",
        f"/Patient/{person}/$everything?_count=2&_type={type_}",
        f"/Patient/{person}/$everything?_since=2026-03-02T10:00:20Z",
        "/Patient/$everything?_count=3",
        f"/{type_}/{id_}/$meta",
        f"/{type_}/$meta",
        "/$meta",
        f"/{type_}/{id_}/$validate?mode=delete",
        f"/Composition/$document?persist=false&id={type_}/{id_}",
    ]
    if on.random.random() < 0.8:
        return Question("GET", base + on.random.choice(get))
    patient = {"resourceType": "Patient", "name": [{"family": on.random.choice(["Okafor", "Secret"])}]}
    patient["identifier"] = [{"system": NHS, "value": on.random.choice(on.numbers)}]
    sent = {"resourceType": "Parameters", "parameter": [{"name": "resource", "resource": patient}]}
    return Question("POST", f"{base}/Patient/$match", sent, FHIR)


def rest_read(on: Asking) -> Question:
    home = f"/v1/people/{on.somebody()}"
    section, kind, (_, id_) = on.random.choice(SECTIONS), on.random.choice(NATIVE), on.one()
    if on.random.random() < 0.4:
        tail = on.random.choice(
            ["", "/versions", "/versions?limit=1", "/versions/1", "/versions/2", "/diff?from=1&to=2"]
        )
        return Question("GET", f"{on.shelf(id_)[0]}/{id_}{tail}", None, _conditions(on))
    tails = [
        "",
        "/plan",
        f"/plan?at=2026-03-02T10:00:{on.random.randint(10, 59)}Z",
        f"/plan/diff?from=2026-03-02T10:00:{on.random.randint(10, 59)}Z",
        "/plan/sections",
        f"/plan/sections/{section}",
        f"/plan/sections/{section}/{kind}",
        f"/history?limit={on.random.randint(1, 9)}",
        f"/changes?since=2026-03-02T10:00:{on.random.randint(10, 59)}Z&limit=5",
        "/access",
        "/team",
        f"/team/{id_}",
        "/stays",
        f"/messages?section={section}",
        f"/consents/{id_}",
    ]
    return Question(on.random.choice(["GET", "GET", "HEAD"]), home + on.random.choice(tails), None, _conditions(on))


def rest_people(on: Asking) -> Question:
    number = on.random.choice(on.numbers)
    terms = on.random.choice(
        [f"nhs_number={number}", f"identifier={NHS}|{number}", f"name={on.word()}", "birth_date=1941", "limit=1", "x=y"]
    )
    return Question("GET", f"/v1/people?{quote(terms, safe='=&|:/.')}")


# writing


def _body(on: Asking, type_: str) -> dict[str, Any]:
    type_ = type_ if type_ in (*KINDS, "MedicationStatement") else "Goal"
    made = resource(type_, on.somebody(), f"{on.word()} {on.random.randint(0, 9)}")
    if on.random.random() < 0.3:
        made["subject"] = {"identifier": {"system": NHS, "value": on.random.choice(on.numbers)}}
    by_type: dict[str, dict[str, Any]] = {
        "Goal": {"addresses": [{"reference": on.ref()}], "expressedBy": {"reference": f"Patient/{on.somebody()}"}},
        "Task": {"focus": {"reference": on.ref()}, "basedOn": [{"reference": on.ref()}]},
        "Observation": {"focus": [{"reference": on.ref()}], "hasMember": [{"reference": on.ref()}]},
    }
    if on.random.random() < 0.5:
        made |= by_type.get(type_, {})
    return made


def _match(on: Asking) -> dict[str, str]:
    return on.random.choice([{}, {"if-match": f'W/"{on.random.randint(1, 4)}"'}, {"if-match": "*"}])


def create(on: Asking) -> Question:
    made = _body(on, on.random.choice(KINDS))
    headers = dict(FHIR)
    if on.random.random() < 0.4:
        pairs = [_pair(on, made["resourceType"]) for _ in range(on.random.randint(1, 2))]
        headers["if-none-exist"] = urlencode(pairs, safe=":|,$/")
    if on.random.random() < 0.1:
        entity = [{"role": "source", "what": {"reference": on.ref()}}]
        proof = {"resourceType": "Provenance", "recorded": "2026-01-01T00:00:00Z", "target": [], "entity": entity}
        headers["x-provenance"] = json.dumps({**proof, "agent": [{"who": {"display": "Ada"}}]})
    return Question("POST", f"{_base(on)}/{made['resourceType']}", made, headers)


def change(on: Asking) -> Question:
    type_, id_ = on.one(on.random.choice(KINDS))
    method = on.random.choice(["PUT", "PUT", "PATCH", "DELETE"])
    headers = _match(on)
    body: Any = None
    if method == "PUT":
        body = {**_body(on, type_), "id": id_, "resourceType": type_}
        if on.random.random() < 0.5:
            body["meta"] = {"versionId": str(on.random.randint(1, 3))}
        headers |= FHIR
    if method == "PATCH":
        body = [{"op": "add", "path": "/language", "value": on.random.choice(["en", "cy"])}]
        headers["content-type"] = "application/json-patch+json"
    where = f"/{id_}" if on.random.random() < 0.7 else "?" + urlencode([_pair(on, type_)], safe=":|,$/")
    return Question(method, f"{_base(on)}/{type_}{where}", body, headers)


def bundle(on: Asking) -> Question:
    entries = []
    for _ in range(on.random.randint(1, 3)):
        one = on.random.choice([read, search, create, change])(on)
        base = next(base for base in BASES if one.url.startswith(base))
        request: dict[str, Any] = {"method": "GET" if one.method == "HEAD" else one.method}
        request["url"] = one.url.removeprefix(f"{base}/").replace("/_search", "")
        if "if-match" in one.headers:
            request["ifMatch"] = one.headers["if-match"]
        if "if-none-exist" in one.headers:
            request["ifNoneExist"] = one.headers["if-none-exist"]
        sent = {"resource": one.body} if isinstance(one.body, dict) else {}
        entries.append({"request": request, **sent})
    kind = on.random.choice(["batch", "transaction"])
    return Question("POST", _base(on), {"resourceType": "Bundle", "type": kind, "entry": entries}, FHIR)


def rest_write(on: Asking) -> Question:
    id_ = on.one()[1]
    shelf, kind = on.shelf(id_)
    body: dict[str, Any] = dict(EXAMPLES.get(kind, EXAMPLES["goal"]))
    if on.random.random() < 0.3:
        body["addresses" if kind == "goal" else "note"] = [on.ref()] if kind == "goal" else on.word()
    method = on.random.choice(["POST", "PUT", "PATCH", "DELETE"])
    headers = _match(on)
    if on.random.random() < 0.3:
        headers["idempotency-key"] = f"key-{on.random.randint(0, 20)}"
    if method == "POST":
        return Question(method, shelf, body, headers)
    if method == "PATCH":
        return Question(
            method, f"{shelf}/{id_}", {"note": on.word()}, {**headers, "content-type": "application/merge-patch+json"}
        )
    sent = (
        body | ({"version": on.random.randint(1, 3)} if on.random.random() < 0.5 else {}) if method == "PUT" else None
    )
    return Question(method, f"{shelf}/{id_}", sent, headers)


def rest_frame(on: Asking) -> Question:
    home, (_, id_) = f"/v1/people/{on.somebody()}", on.one()
    return on.random.choice(
        [
            Question("DELETE", f"{home}/team/{id_}"),
            Question("PUT", home, {"name": {"family": "Okafor"}, "version": on.random.randint(1, 3)}),
            Question("PUT", f"{home}/plan/sections/health", {"title": "Health"}, _match(on)),
            Question("POST", f"{home}/messages?section=health", {"text": on.word(), "status": "sent"}),
            Question("POST", f"{home}/team", {"agency": on.random.choice(["HA1", "nobody"])}),
        ]
    )


def nonsense(on: Asking) -> Question:
    type_, id_ = on.one()
    base = _base(on)
    return on.random.choice(
        [
            Question("POST", f"{base}/{type_}", b"{", FHIR),
            Question("POST", f"{base}/{type_}", {"resourceType": type_, "id": id_}, FHIR),
            Question("PUT", f"{base}/{type_}/{id_}", {"resourceType": "Goal"}, FHIR),
            Question("GET", f"{base}/{type_}?_page=nonsense&_id={id_}"),
            Question("GET", f"{base}/{type_}?nonsense={id_}", None, {"prefer": "handling=strict"}),
            Question("GET", f"/v1/people/{on.somebody()}/history?cursor=bm9uZQ"),
            Question("PATCH", f"{base}/{type_}/{id_}", b"[]", {"content-type": "application/json-patch+json"}),
            Question("OPTIONS", f"/v1/people/{on.somebody()}/plan"),
            Question("GET", f"{base}/{type_}/{id_}/$nonsense"),
        ]
    )


MAKERS: Sequence[tuple[Maker, int]] = (
    (read, 14),
    (history, 5),
    (search, 28),
    (search_several, 5),
    (operation, 8),
    (rest_read, 16),
    (rest_people, 4),
    (create, 5),
    (change, 8),
    (bundle, 6),
    (rest_write, 7),
    (rest_frame, 3),
    (nonsense, 3),
)
