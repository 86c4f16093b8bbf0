"""Bundles that come and bundles that go (fhir_facade.bundle)."""

import json

import pytest
from fhir.resources.R4B.bundle import Bundle

from fhir_facade.bundle import MOST_ENTRIES, Said, conditional, history, linked, read, response, searchset
from fhir_facade.validate import validate
from fhir_facade.versions import R4
from plan.model import AgencyId, EntryId, PersonId, Section, Stored, Subject
from plan.problem import Problem, Trouble

BASE = "https://plans.example.org/fhir/R4"


def goal(subject="Patient/p1", **more):
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": "Walk"},
        "subject": {"reference": subject},
        **more,
    }


def entry(method, url, resource=None, link="", **request):
    said = {"request": {"method": method, "url": url, **request}}
    return said | ({"resource": resource} if resource else {}) | ({"fullUrl": link} if link else {})


def bundle(*entries, kind="transaction"):
    return {"resourceType": "Bundle", "type": kind, **({"entry": list(entries)} if entries else {})}


def problem(sent):
    with pytest.raises(Problem) as caught:
        read(sent, BASE)
    return caught.value


def test_an_entry_says_what_a_request_would_say():
    sent = bundle(
        entry("POST", "Goal", goal(), "urn:uuid:1", ifNoneExist="identifier=1"),
        entry("PUT", f"{BASE}/Goal/g1", goal(id="g1"), f"{BASE}/Goal/g1", ifMatch='W/"3"'),
        entry("GET", "/Goal/g2/", ifNoneMatch='W/"1"'),
    )
    kind, (one, two, three) = read(sent, BASE)
    assert (kind, one.method, one.url, one.link) == ("transaction", "POST", "Goal", "urn:uuid:1")
    assert one.headers == {"if-none-exist": "identifier=1"}
    assert (two.url, two.link, two.headers) == ("Goal/g1", "Goal/g1", {"if-match": 'W/"3"'})
    assert (three.url, three.resource, three.headers) == ("Goal/g2", None, {"if-none-match": 'W/"1"'})
    assert three.where == ("Bundle", "entry", 2)


def test_an_empty_bundle_is_one():
    assert read(bundle(kind="batch"), BASE) == ("batch", [])


def test_the_resources_of_a_bundle_are_not_judged_with_it():
    _, (one,) = read(bundle(entry("POST", "Goal", {"resourceType": "Nonsense"})), BASE)
    assert one.resource == {"resourceType": "Nonsense"}


WRONG = [
    ([], Trouble.MALFORMED, ""),
    (goal(), Trouble.INVALID, "resourceType"),
    (bundle(kind="document"), Trouble.INVALID, "type"),
    (bundle(kind="message"), Trouble.INVALID, "type"),
    (bundle(kind="collection"), Trouble.INVALID, "type"),
    (bundle(kind="searchset"), Trouble.INVALID, "type"),
    ({"resourceType": "Bundle"}, Trouble.REQUIRED, "type"),
    ({"resourceType": "Bundle", "type": "batch", "entry": []}, Trouble.INVALID, "entry"),
    (bundle({}), Trouble.INVALID, ""),
    (bundle("x"), Trouble.INVALID, ""),
    (bundle({"resource": goal()}), Trouble.INVALID, ""),
    (bundle({"resource": goal(), "fullUrl": "urn:uuid:1"}), Trouble.INVALID, "request"),
    (bundle(entry("POST", "Goal", "a goal")), Trouble.INVALID, "resource"),
    (bundle(entry("STEAL", "Goal", goal())), Trouble.BAD_VALUE, "method"),
    (bundle(*[entry("POST", "Goal", goal(), ifNoneExist="code=1")] * 2), Trouble.INVALID, ""),
    (bundle(entry("PUT", "Goal?code=1", goal()), entry("POST", "Goal", goal(), ifNoneExist="code=1")),
     Trouble.INVALID, ""),
    (bundle(*[entry("POST", "Goal", goal(), "urn:uuid:1")] * 2), Trouble.INVALID, ""),
    (bundle(entry("PUT", "Goal/1", goal()), entry("DELETE", "Goal/1")), Trouble.INVALID, ""),
    (bundle(*[entry("GET", "Goal")] * (MOST_ENTRIES + 1)), Trouble.TOO_COSTLY, "entry"),
]  # fmt: skip


@pytest.mark.parametrize("sent, trouble, last", WRONG)
def test_what_is_no_batch_and_no_transaction_is_refused(sent, trouble, last):
    found = problem(sent)
    assert (found.faults[0].trouble or found.trouble) is trouble
    assert not last or found.faults[0].where[-1] == last


def test_a_batch_may_change_the_same_resource_twice():
    sent = bundle(entry("DELETE", "Goal/1"), entry("DELETE", "Goal/1"), kind="batch")
    assert len(read(sent, BASE)[1]) == 2


def test_a_request_that_is_only_extended_names_nothing():
    extended = {"extension": [{"url": "urn:x", "valueString": "x"}]}
    _, (one,) = read(bundle({"request": {"_method": extended, "_url": extended}}), BASE)
    assert (one.method, one.url) == ("", "")


def links(*entries):
    """The subjects of the entries, after they were linked."""
    found = read(bundle(*entries), BASE)[1]
    linked(found, BASE)
    return [one.resource["subject"]["reference"] for one in found if one.resource and "subject" in one.resource]


PATIENT = {"resourceType": "Patient"}
LINKS = [
    ("urn:uuid:1", "urn:uuid:2", "urn:uuid:1", "urn:uuid:1"),
    ("https://x.org/r4/Patient/7", "https://x.org/r4/Goal/8", "Patient/7", "https://x.org/r4/Patient/7"),
    ("https://x.org/r4/Patient/7", "https://y.org/r4/Goal/8", "Patient/7", "Patient/7"),
    ("urn:uuid:1", "urn:uuid:2", f"{BASE}/Patient/7", "Patient/7"),
    (f"{BASE}/Patient/7", f"{BASE}/Goal/8", "Patient/7", "Patient/7"),
    ("urn:uuid:1", "urn:uuid:2", "Patient?identifier=urn:x|1", "urn:uuid:1"),
    ("urn:uuid:1", "urn:uuid:2", "Patient?identifier=urn:x|2", "Patient?identifier=urn:x|2"),
]


@pytest.mark.parametrize("link, own, reference, expected", LINKS)
def test_references_find_the_entries_that_they_mean(link, own, reference, expected):
    patient = entry("POST", "Patient", PATIENT, link, ifNoneExist="?identifier=urn:x|1")
    assert links(patient, entry("GET", "Goal"), entry("POST", "Goal", goal(reference), own)) == [expected]


def test_a_reference_that_is_a_search_is_found_wherever_it_stands():
    resource = goal("Patient?identifier=1", addresses=[{"reference": "Condition?code=2"}, {"reference": "Condition/3"}])
    found = list(conditional(read(bundle(entry("GET", "Goal"), entry("POST", "Goal", resource)), BASE)[1]))
    assert [(one.at, where, type_, text) for one, where, _, type_, text in found] == [
        (1, ("Bundle", "entry", 1, "resource", "subject"), "Patient", "identifier=1"),
        (1, ("Bundle", "entry", 1, "resource", "addresses", 0), "Condition", "code=2"),
    ]


def stored(version, *, deleted=False):
    text = "" if deleted else json.dumps(goal(id="g1", meta={"versionId": str(version)}))
    return Stored(
        person=PersonId("p1"),
        id=EntryId("g1"),
        type="Goal",
        kind="goal",
        section=Section.HEALTH,
        agency=AgencyId("RX1"),
        author=Subject("a"),
        version=version,
        at=1_772_755_200_000 + version,
        deleted=deleted,
        fhir=text,
    )


def checked(raw):
    """A Bundle that we made, when it is a valid one."""
    made = json.loads(raw)
    validate(made, "Bundle")
    Bundle.model_validate(made)
    return made


def test_a_searchset_holds_what_is_stored_as_it_is_stored():
    text = '{"resourceType":"Basic","id":"b1","code":{"text":"x"},"extension":[{"url":"urn:x","valueDecimal":0.40}]}'
    raw = searchset(1, f"{BASE}/Basic?_count=1", f"{BASE}/Basic?_page=x", BASE, R4, [("Basic", "b1", text)])
    assert text.encode() in raw
    made = checked(raw)
    assert made["total"] == 1
    assert [link["relation"] for link in made["link"]] == ["self", "next"]
    assert made["entry"][0]["fullUrl"] == f"{BASE}/Basic/b1"
    assert made["entry"][0]["search"] == {"mode": "match"}


def test_an_empty_page_has_no_entries_and_an_unknown_total_is_not_told():
    assert checked(searchset(None, BASE, "", BASE, R4, [])) == {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "self", "url": BASE}],
    }


def test_a_history_tells_what_was_asked_and_answered():
    made = checked(history(3, "s", "", BASE, R4, [stored(3, deleted=True), stored(2), stored(1)]))
    told = [(e["request"]["method"], e["request"]["url"], e["response"]["status"]) for e in made["entry"]]
    assert told == [
        ("DELETE", "Goal/g1", "204 No Content"),
        ("PUT", "Goal/g1", "200 OK"),
        ("POST", "Goal", "201 Created"),
    ]
    assert ["resource" in e for e in made["entry"]] == [False, True, True]
    assert [e["response"]["etag"] for e in made["entry"]] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert made["entry"][2]["response"]["lastModified"] == "2026-03-06T00:00:00.001Z"
    assert "total" not in checked(history(None, "s", "n", BASE, R4, [stored(1)]))


def test_a_response_answers_each_entry():
    outcome = json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "deleted"}]})
    said = [
        Said(status=201, location=f"{BASE}/Goal/g1/_history/1", version=1, at=0),
        Said(status=200, version=2, at=0, text=stored(2).fhir),
        Said(status=410, text=outcome),
        Said(status=418),
    ]
    made = checked(response("batch", said))
    assert made["type"] == "batch-response"
    one, two, three, four = made["entry"]
    assert one["response"]["location"] == f"{BASE}/Goal/g1/_history/1"
    assert two["resource"]["id"] == "g1"
    assert (three["response"]["status"], "resource" in three) == ("410 Gone", False)
    assert three["response"]["outcome"]["issue"][0]["code"] == "deleted"
    assert four == {"response": {"status": "418"}}
