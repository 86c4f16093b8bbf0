"""The topics of plan.subscription as R5 SubscriptionTopic resources; R4 knows them by their canonical alone.

Source: R5 5.0.0 subscriptiontopic.html. `fhir/profiles/SubscriptionTopic-*.json` are these very resources.
"""

from typing import Any

from fhir_facade.capability import RELEASED, VERSION
from fhir_facade.systems import own_topic
from plan.subscription import FILTERS, TOPICS, Topic


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
