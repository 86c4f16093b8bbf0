"""Subscription in R4 and R5: the same want, there and back; each fault where its version has it."""

import copy
import json

import pytest
from fhir.resources.bundle import Bundle as BundleR5
from fhir.resources.subscription import Subscription as SubscriptionR5

from fhir_facade.notices import Event, Sender, hushed, notice, statuses
from fhir_facade.subscription_versions import shown, taken, to_r5
from fhir_facade.subscriptions import plain, redacted, unknown_status, wanted
from fhir_facade.validate import validate
from fhir_facade.versions import R4, Version
from plan.problem import Problem
from plan.subscription import Filter, Standing
from tests.support.feed import ENDPOINT, TOPIC, said, subscription, told

R5 = Version(name="R5", prefix="/fhir/R5", numbers=("5.0.0", "5.0"))
FULL_R4 = subscription(
    "plan-changed",
    "Goal?patient=Patient/1",
    "Task?section=health,housing",
    heartbeat=600,
    timeout=20,
    most=5,
    header=["Authorization: Bearer abc", "X-API-Key: k"],
    end="2030-01-01T00:00:00Z",
    id="s1",
    meta={"versionId": "2"},
)
FULL_R5 = {
    "resourceType": "Subscription",
    "id": "s1",
    "meta": {"versionId": "1"},
    "identifier": [{"system": "urn:ours", "value": "7"}],
    "name": "Tasks",
    "status": "requested",
    "topic": f"{TOPIC}/task-changed",
    "contact": [{"system": "phone", "value": "1"}],
    "managingEntity": {"reference": "Organization/RX1"},
    "filterBy": [
        {"resourceType": "Task", "filterParameter": "patient", "value": "Patient/1"},
        {"filterParameter": "section", "value": "health,housing"},
    ],
    "channelType": {"system": "http://terminology.hl7.org/CodeSystem/subscription-channel-type", "code": "rest-hook"},
    "endpoint": ENDPOINT,
    "parameter": [{"name": "Authorization", "value": "Bearer abc"}],
    "heartbeatPeriod": 600,
    "timeout": 20,
    "contentType": "application/fhir+json",
    "content": "id-only",
    "maxCount": 5,
}
LEAST_R5 = {name: FULL_R5[name] for name in ("resourceType", "status", "topic", "channelType", "endpoint")}


def refused(resource, version):
    with pytest.raises(Problem) as raised:
        wanted(taken(resource, version), version)
    return raised.value


def test_what_both_versions_say_is_the_same_want():
    want = wanted(FULL_R4)
    assert want.filters == (
        Filter("patient", frozenset({"1"}), "Goal"),
        Filter("section", frozenset({"health", "housing"}), "Task"),
    )
    assert (want.topic, want.status, want.endpoint) == ("plan-changed", Standing.REQUESTED, ENDPOINT)
    assert want.headers == (("authorization", "Bearer abc"), ("x-api-key", "k"))
    assert (want.heartbeat, want.timeout, want.most, want.content) == (600, 20, 5, "id-only")
    assert want.end == 1893456000999
    assert wanted(taken(to_r5(FULL_R4), "R5"), "R5") == want


@pytest.mark.parametrize("resource", [FULL_R4, subscription(), subscription(content="empty")])
def test_r4_to_r5_and_back_is_the_same(resource):
    validate(resource, "Subscription")
    there = json.loads(shown(resource, "R5"))
    SubscriptionR5.model_validate(copy.deepcopy(there))
    assert taken(there, "R5") == resource
    assert json.loads(shown(resource, "R4")) == resource


@pytest.mark.parametrize("resource", [FULL_R5, LEAST_R5])
def test_r5_to_r4_and_back_is_the_same(resource):
    stored = taken(resource, "R5")
    validate(stored, "Subscription")
    assert to_r5(stored) == resource


def test_an_error_of_r4_is_told_in_r5_and_is_never_taken_from_a_client():
    stored = {**FULL_R4, "status": "error", "error": "The endpoint answered 500."}
    there = to_r5(stored)
    assert there["extension"][0]["valueString"] == "The endpoint answered 500."
    assert "error" not in taken(there, "R5")


def test_a_filter_of_several_parameters_is_several_in_r5():
    stored = subscription("plan-changed", "Task?patient=1&section=health", "patient:not=2")
    assert to_r5(stored)["filterBy"] == [
        {"resourceType": "Task", "filterParameter": "patient", "value": "1"},
        {"resourceType": "Task", "filterParameter": "section", "value": "health"},
        {"filterParameter": "patient", "modifier": "not", "value": "2"},
    ]


FAULTS_R5 = {
    "topic": ({"topic": f"{TOPIC}/weather"}, ("topic",)),
    "channel": ({"channelType": {"code": "websocket"}}, ("channelType",)),
    "filter": ({"filterBy": [{"filterParameter": "colour", "value": "red"}]}, ("filterBy",)),
    "modifier": ({"filterBy": [{"filterParameter": "patient", "modifier": "not", "value": "1"}]}, ("filterBy",)),
    "comparator": ({"filterBy": [{"filterParameter": "patient", "comparator": "gt", "value": "1"}]}, ("filterBy",)),
    "content": ({"content": "full-resource"}, ("content",)),
    "heartbeat": ({"heartbeatPeriod": 0}, ("heartbeatPeriod",)),
    "timeout": ({"timeout": 0}, ("timeout",)),
    "header": ({"parameter": [{"name": "Host", "value": "elsewhere"}]}, ("parameter",)),
    "payload": ({"contentType": "text/plain"}, ("contentType",)),
    "no endpoint": ({"endpoint": None}, ("endpoint",)),
    "endpoint": ({"endpoint": "ftp://ehr.example/"}, ("endpoint",)),
    "unknown": ({"criteria": "Task?"}, ("criteria",)),
    "many": ({"maxCount": -1}, ("maxCount",)),
}


@pytest.mark.parametrize("change, where", FAULTS_R5.values(), ids=FAULTS_R5)
def test_a_fault_of_r5_stands_where_r5_has_it(change, where):
    problem = refused({name: value for name, value in {**FULL_R5, **change}.items() if value is not None}, "R5")
    assert problem.faults[0].where == where


@pytest.mark.parametrize("sent", [None, [], {}, {"resourceType": "Task"}])
def test_what_is_no_subscription_is_told_so(sent):
    assert refused(sent, "R5").trouble.value.status == 400


def test_every_fault_is_found_at_once():
    resource = subscription("weather", heartbeat=1, timeout=99, header=["a"], content="full-resource", payload="x/y")
    assert len(refused(resource, "R4").faults) == 6


def test_a_kind_of_channel_of_ones_own_is_not_served():
    resource = copy.deepcopy(FULL_R4)
    own = {"url": "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-channel-type"}
    resource["channel"]["_type"] = {"extension": [own | {"valueCoding": {"code": "zulip"}}]}
    assert "channel" in refused(resource, "R4").faults[0].what


def test_others_see_no_secrets():
    assert redacted(FULL_R4)["channel"]["header"] == ["Authorization: ***", "X-API-Key: ***"]
    assert redacted(subscription()) == subscription()


EVENTS = [
    Event(number=1, at=0, type="Task", id="t1", action="create"),
    Event(number=2, at=1, type="Goal", id="g1", action="update"),
    Event(number=3, at=2),
    Event(number=4, at=3, type="Goal", id="g1", action="delete"),
]


def sender(version):
    base = f"https://plans.example.org{version.prefix}"
    return Sender(base=base, id="s1", topic="plan-changed", status=Standing.ACTIVE, events=4, error="Slow.")


def test_a_notice_of_r4_is_a_history_that_begins_with_its_status():
    bundle = json.loads(notice(R4, sender(R4), "event-notification", 0, "3f2c1e9a-0000-4000-8000-000000000001", EVENTS))
    validate(bundle, "Bundle")
    assert (bundle["type"], len(bundle["entry"])) == ("history", 1)
    assert told(bundle) == [(1, "Task/t1"), (2, "Goal/g1"), (3, ""), (4, "Goal/g1")]
    assert said(bundle)["type"] == "event-notification"


def test_a_notice_of_r5_is_a_bundle_of_its_own_kind():
    text = notice(R5, sender(R5), "event-notification", 0, "3f2c1e9a-0000-4000-8000-000000000001", EVENTS)
    bundle = json.loads(text)
    BundleR5.model_validate(json.loads(text))
    assert bundle["type"] == "subscription-notification"
    status, *entries = bundle["entry"]
    assert [one.get("focus", {}).get("reference", "")[-7:] for one in status["resource"]["notificationEvent"]] == [
        "Task/t1", "Goal/g1", "", "Goal/g1"
    ]  # fmt: skip
    assert status["resource"]["eventsSinceSubscriptionStart"] == "4"
    assert [one["request"]["method"] for one in entries] == ["POST", "DELETE"]
    quiet = json.loads(notice(R5, sender(R5), "heartbeat", 0, "3f2c1e9a-0000-4000-8000-000000000001"))
    assert "notificationEvent" not in quiet["entry"][0]["resource"]


def test_a_type_that_a_version_cannot_show_has_no_name_in_it():
    odd = Version(name="R5", prefix="/fhir/R5", numbers=("5.0.0",), shown_type=lambda _: None)
    bundle = json.loads(notice(odd, sender(odd), "event-notification", 0, "u", EVENTS[:1]))
    assert len(bundle["entry"]) == 1
    assert "focus" not in str(bundle)


def test_an_empty_notice_counts_and_says_no_more():
    assert hushed(EVENTS, "id-only") == EVENTS
    assert [(one.number, one.type) for one in hushed(EVENTS, "empty")] == [(1, ""), (2, ""), (3, ""), (4, "")]


@pytest.mark.parametrize("version", [R4, R5])
def test_the_status_is_a_searchset(version):
    quiet = Sender(base="https://a.example", id="s2", topic="flag-changed", status=Standing.OFF, events=0)
    bundle = json.loads(statuses(version, [(sender(version), "u1"), (quiet, "u2")], "https://a.example/$status"))
    assert (bundle["type"], bundle["total"], len(bundle["entry"])) == ("searchset", 2, 2)
    assert "Slow." in str(bundle["entry"][0])
    empty = json.loads(statuses(version, [], "https://a.example/$status"))
    assert "entry" not in empty


FAULTS_R4 = {
    "a search": (subscription(criteria="Task?status=requested"), "search"),
    "too many filters": (subscription("plan-changed", *(["Goal?patient=1"] * 21)), "filters"),
    "another type": (subscription("task-changed", "Goal?patient=1"), "'Goal'"),
    "no such type": (subscription("plan-changed", "Nothing?patient=1"), "'Nothing'"),
    "nothing asked": (subscription("plan-changed", "Goal?"), "written"),
    "no value": (subscription("plan-changed", "Goal?patient="), "value"),
    "no such section": (subscription("plan-changed", "Resource?section=kitchen"), "section"),
    "no address": ({**subscription(), "channel": {"type": "rest-hook"}}, "no address"),
    "a broken port": (subscription(endpoint="https://ehr.example:99999/"), "no address"),
    "no port": (subscription(endpoint="https://ehr.example:0/"), "no https"),
    "a user": (subscription(endpoint="https://u@ehr.example/"), "user"),
    "many headers": (subscription(header=["X-API-Key: a"] * 6), "headers"),
}


@pytest.mark.parametrize("resource, word", FAULTS_R4.values(), ids=FAULTS_R4)
def test_a_fault_of_r4_is_told_in_words(resource, word):
    assert word in refused(resource, "R4").faults[0].what


def test_a_header_that_was_kept_and_is_not_sent_any_more_is_left_out():
    assert plain(subscription(header=["Host: a"])).headers == ()


def test_the_status_of_a_new_subscription_is_requested():
    assert unknown_status().faults[0].where == ("status",)
