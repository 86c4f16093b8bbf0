"""The topics in fhir/profiles/ are the rows of plan.subscription, as R5 SubscriptionTopic resources."""

import copy
import json
from typing import Any

import pytest
from fhir.resources.subscriptiontopic import SubscriptionTopic

from fhir_facade.capability import RELEASED, VERSION
from fhir_facade.systems import own_topic
from plan.subscription import FILTERS, TOPICS, Topic
from tests.house.tree import ROOT


def topic(name: str) -> dict[str, Any]:
    """A SubscriptionTopic. Raises KeyError for a name that is none."""
    row = TOPICS[name]
    return {
        "resourceType": "SubscriptionTopic",
        "id": name,
        "url": own_topic(name),
        "version": VERSION,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "title": row.title,
        "status": "active",
        "date": RELEASED,
        "description": row.description,
        "resourceTrigger": [
            {"description": row.description, "resource": type_, "supportedInteraction": ["create", "update", "delete"]}
            for type_ in _types(row)
        ],
        "canFilterBy": [{"description": said, "filterParameter": filter_} for filter_, said in FILTERS.items()],
        "notificationShape": [{"resource": type_} for type_ in _types(row)],
    }


def _types(row: Topic) -> list[str]:
    return sorted(row.types) or ["DomainResource"]


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_is_published_as_it_is_served(name):
    made = topic(name)
    SubscriptionTopic.model_validate(copy.deepcopy(made))
    assert json.loads((ROOT / f"fhir/profiles/SubscriptionTopic-{name}.json").read_text("utf-8")) == made


def test_no_topic_is_published_that_is_not_served():
    files = (ROOT / "fhir/profiles").glob("SubscriptionTopic-*.json")
    assert {file.stem.removeprefix("SubscriptionTopic-") for file in files} == set(TOPICS)
