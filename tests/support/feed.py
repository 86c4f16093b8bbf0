"""A receiver of notices in tests, subscriptions that ask for them, and how tests read what came."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from api.feed_hook import Hook, Terms
from tests.support.r4 import JSON, R4
from tests.support.world import World

ORIGIN = "https://ehr.example:8443"
ENDPOINT = f"{ORIGIN}/hooks/plans"
TOPIC = "https://oneplan.example/fhir/SubscriptionTopic"
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
PUBLIC = "93.184.215.14"


@dataclass
class Receiver:
    """An endpoint: what it was sent, and what it answers next (`fails` first, then `status`)."""

    status: int = 200
    fails: list[int] = field(default_factory=list)
    sent: list[httpx.Request] = field(default_factory=list)
    looked_up: dict[str, list[Sequence[str]]] = field(default_factory=lambda: defaultdict(list))
    while_answering: Any = None

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if self.while_answering:
            await self.while_answering()
        if not self.fails:
            return httpx.Response(self.status, headers={"location": "https://elsewhere.example/"})
        said = self.fails.pop(0)
        if not said:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(said)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """The next answer of the name server; a public address when none was given."""
        answers = self.looked_up[host]
        if not answers:
            return [PUBLIC]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def hook(self, *origins: str, loopback: bool = False) -> Hook:
        terms = Terms(frozenset(origins or (ORIGIN,)), loopback)
        return Hook(terms, self.resolve, httpx.MockTransport(self.answer))

    @property
    def bundles(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.sent]

    @property
    def kinds(self) -> list[str]:
        return [said(bundle)["type"] for bundle in self.bundles]

    @property
    def events(self) -> list[tuple[int, str]]:
        """Number and focus of every event that came, in the order that they came in; no focus is empty."""
        return [pair for bundle in self.bundles for pair in told(bundle)]


def said(bundle: dict[str, Any]) -> dict[str, str]:
    """The status that a notice of R4 begins with, by the name of the parameter."""
    first = bundle["entry"][0]["resource"]
    assert first["resourceType"] == "Parameters"
    return {one["name"]: _value(one) for one in first["parameter"] if one["name"] != "notification-event"}


def told(bundle: dict[str, Any]) -> list[tuple[int, str]]:
    """Number and focus of the events of a notice of R4."""
    parts = [one["part"] for one in bundle["entry"][0]["resource"]["parameter"] if "part" in one]
    named = [{part["name"]: _value(part) for part in some} for some in parts]
    return [(int(one["event-number"]), one.get("focus", "").partition(f"{R4}/")[2]) for one in named]


def _value(one: dict[str, Any]) -> Any:
    value = next(value for name, value in one.items() if name.startswith("value"))
    return value["reference"] if isinstance(value, dict) and "reference" in value else value


def subscription(topic: str = "plan-changed", *filters: str, **more: Any) -> dict[str, Any]:
    """A Subscription of R4 to a topic; `more` goes into its channel, or replaces `status`, `end` or `criteria`."""
    payload = {
        "extension": [{"url": f"{BACKPORT}/backport-payload-content", "valueCode": more.pop("content", "id-only")}]
    }
    whole: dict[str, Any] = {
        name: more.pop(name) for name in ("status", "end", "criteria", "id", "meta") if name in more
    }
    numbers = {
        "heartbeat": ("backport-heartbeat-period", "valueUnsignedInt"),
        "timeout": ("backport-timeout", "valueUnsignedInt"),
        "most": ("backport-max-count", "valuePositiveInt"),
    }
    extension = [{"url": f"{BACKPORT}/{u}", v: more.pop(n)} for n, (u, v) in numbers.items() if n in more]
    made: dict[str, Any] = {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "To keep our copy of the plan",
        "criteria": f"{TOPIC}/{topic}",
        "channel": {
            **({"extension": extension} if extension else {}),
            "type": "rest-hook",
            "endpoint": ENDPOINT,
            "payload": "application/fhir+json",
            "_payload": payload,
            **more,
        },
        **whole,
    }
    if filters:
        listed = [{"url": f"{BACKPORT}/backport-filter-criteria", "valueString": text} for text in filters]
        made["_criteria"] = {"extension": listed}
    return made


def receiving(world: World) -> Receiver:
    """A receiver for everything that this world sends."""
    receiver = Receiver()
    world.service.feed.hook = receiver.hook()
    return receiver


async def subscribed(client: httpx.AsyncClient, resource: dict[str, Any]) -> str:
    """The id of a subscription that was just created."""
    answer = await client.post(f"{R4}/Subscription", json=resource, headers=JSON)
    assert answer.status_code == httpx.codes.CREATED, answer.text
    id_: str = answer.json()["id"]
    return id_


async def turn(world: World, **later: float) -> None:
    """The worker does what is due, after so much time."""
    world.later(**later)
    await world.service.feed.turn()


async def standing(client: httpx.AsyncClient, id_: str) -> str:
    """The status of a subscription as its owner reads it."""
    answer = await client.get(f"{R4}/Subscription/{id_}")
    assert answer.status_code == httpx.codes.OK, answer.text
    status: str = answer.json()["status"]
    return status
