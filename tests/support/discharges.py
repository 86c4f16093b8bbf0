"""A discharge through either door: the same steps as native REST and as FHIR, for the scenarios D1 to D9."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from tests.support.larch import Larch

ADMITTED, PLANNED = "2026-03-02T10:00:00Z", "2026-03-06T14:00:00Z"
R4, R5 = "/fhir/R4", "/fhir/R5"
FHIR = {"Content-Type": "application/fhir+json"}
STATUS = {"confirmed": "completed", "blocked": "on-hold", "not_needed": "rejected", "asked": "requested"}
OWNERS: Mapping[str, str] = {
    "hospital": "RX1",
    "gp": "P10001",
    "social_care.medicines": "LA1",
    "social_care": "HC1",
    "housing": "HA1",
    "equipment": "LA1",
    "benefits": "BA1",
    "person": "RX1",
}
Json = dict[str, Any]


def owner(code: str) -> str:
    """Which agency answers for an item at Larch Court."""
    return OWNERS.get(code) or OWNERS[code.partition(".")[0]]


class Door(Protocol):
    """One way in."""

    place: Larch

    async def admit(self, **more: str) -> str:
        """Ada is admitted; the id of the stay."""

    async def change(self, stay: str, agency: str = "RX1", **fields: Any) -> httpx.Response:
        """Change the stay, in native words."""

    async def answer(self, stay: str, code: str, status: str = "confirmed", **more: Any) -> httpx.Response:
        """Somebody answers an item."""

    async def gate(self, stay: str, agency: str = "RX1") -> Json:
        """The gate: state, open, stale, reasons, evaluated_on, and the items by code with their state."""

    async def override(self, stay: str, agency: str = "RX1", **parts: Any) -> httpx.Response:
        """Leave although the gate is not ready."""

    async def failed(self, stay: str, agency: str = "HA1", **parts: Any) -> httpx.Response:
        """Record that the discharge failed."""


@dataclass
class Rest:
    """The native API."""

    place: Larch

    def _stay(self, stay: str) -> str:
        return f"{self.place.address}/stays/{stay}"

    async def admit(self, **more: str) -> str:
        body = {"status": "in_hospital", "hospital": {"reference": "Organization/RX1"}, "admitted": ADMITTED, **more}
        answer = await self.place.client("RX1").post(f"{self.place.address}/stays", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def change(self, stay: str, agency: str = "RX1", **fields: Any) -> httpx.Response:
        client = self.place.client(agency)
        version = (await client.get(self._stay(stay))).json()["version"]
        merge = {"Content-Type": "application/merge-patch+json", "If-Match": f'"{version}"'}
        return await client.request("PATCH", self._stay(stay), json=fields, headers=merge)

    async def answer(self, stay: str, code: str, status: str = "confirmed", **more: Any) -> httpx.Response:
        client = more.pop("client", None) or self.place.client(more.pop("agency", None) or owner(code))
        body = {"status": status, **more}
        return await client.post(f"{self._stay(stay)}/readiness/{code}", json=body)

    async def gate(self, stay: str, agency: str = "RX1") -> Json:
        answer = await self.place.client(agency).get(f"{self._stay(stay)}/readiness")
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        names = ("state", "open", "stale", "reasons", "evaluated_on")
        return {name: told[name] for name in names} | {"items": {one["item"]: one for one in told["items"]}}

    async def override(self, stay: str, agency: str = "RX1", **parts: Any) -> httpx.Response:
        return await self.place.client(agency).post(f"{self._stay(stay)}/override", json=parts)

    async def failed(self, stay: str, agency: str = "HA1", **parts: Any) -> httpx.Response:
        return await self.place.client(agency).post(f"{self._stay(stay)}/failed-discharge", json=parts)


@dataclass
class Fhir:
    """FHIR, of either version: the ordinary writes of Encounter, Task and AdverseEvent."""

    place: Larch
    base: str = R4

    async def admit(self, **more: str) -> str:
        client = self.place.client("RX1")
        encounter = {
            "resourceType": "Encounter",
            "status": "in-progress",
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "subject": {"reference": f"Patient/{self.place.ada}"},
            "serviceProvider": {"reference": "Organization/RX1"},
            "period": {"start": ADMITTED},
        }
        answer = await client.post(f"{R4}/Encounter", json=_stayed(encounter, more), headers=FHIR)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def change(self, stay: str, agency: str = "RX1", **fields: Any) -> httpx.Response:
        client, url = self.place.client(agency), f"{R4}/Encounter/{stay}"
        return await client.put(url, json=_stayed((await client.get(url)).json(), fields), headers=FHIR)

    async def answer(self, stay: str, code: str, status: str = "confirmed", **more: Any) -> httpx.Response:
        client = more.pop("client", None) or self.place.client(more.pop("agency", None) or owner(code))
        found = await client.get(f"{self.base}/Task?focus=Encounter/{stay}&code={code}")
        tasks = [one["resource"] for one in found.json().get("entry", ()) if one["search"]["mode"] == "match"]
        assert tasks, found.text
        task = next((one for one in tasks if one["status"] != "cancelled"), tasks[0])
        task["status"] = STATUS[status]
        if "starts" in more:
            task["executionPeriod"] = {"start": more["starts"]}
        if "reason" in more:
            reason = {"text": more["reason"]["text"]}
            task["statusReason"] = {"concept": reason} if self.base == R5 else reason
        return await client.put(f"{self.base}/Task/{task['id']}", json=task, headers=FHIR)

    async def gate(self, stay: str, agency: str = "RX1") -> Json:
        client = self.place.client(agency)
        answer = await client.get(f"{self.base}/CarePlan/$discharge-readiness?stay=Encounter/{stay}")
        assert answer.status_code == 200, answer.text
        told = answer.json()["parameter"]
        items = [{part["name"]: part for part in one["part"]} for one in told if one["name"] == "item"]
        shown = {
            one["code"]["valueCoding"]["code"]: {
                "state": one["state"]["valueCode"],
                "blocking": one["blocking"]["valueBoolean"],
                "due": one.get("due", {}).get("valueInstant"),
                "task": one.get("task", {}).get("valueReference", {}).get("reference"),
            }
            for one in items
        }
        return {
            "state": next(one["valueCode"] for one in told if one["name"] == "state"),
            "open": [one["valueCoding"]["code"] for one in told if one["name"] == "open"],
            "stale": [one["valueCoding"]["code"] for one in told if one["name"] == "stale"],
            "reasons": [one["valueString"] for one in told if one["name"] == "reason"],
            "evaluated_on": [one["valueReference"]["reference"] for one in told if one["name"] == "evaluatedOn"],
            "items": shown,
        }

    async def override(self, stay: str, agency: str = "RX1", **parts: Any) -> httpx.Response:
        task: Json = {
            "resourceType": "Task",
            "status": "completed",
            "intent": "order",
            "code": {"coding": [{"system": f"{OURS}/CodeSystem/entry-kind", "code": "discharge_override"}]},
            "for": {"reference": f"Patient/{self.place.ada}"},
            "focus": {"reference": f"Encounter/{stay}"},
        }
        extensions = [
            {"url": f"{OURS}/StructureDefinition/override-{name}", "valueString": parts[name]}
            for name in ("role", "mitigation")
            if name in parts
        ]
        task |= {"extension": extensions} if extensions else {}
        task |= {"description": parts["text"]} if "text" in parts else {}
        task |= {"owner": {"display": parts["receives"]["name"]}} if "receives" in parts else {}
        task |= {"reasonCode": {"coding": [{"code": parts["reason"]["code"]}]}} if "reason" in parts else {}
        return await self.place.client(agency).post(f"{R4}/Task", json=task, headers=FHIR)

    async def failed(self, stay: str, agency: str = "HA1", **parts: Any) -> httpx.Response:
        causes = [
            {
                "url": f"{OURS}/StructureDefinition/failed-discharge-cause",
                "extension": [
                    {"url": "reason", "valueCodeableConcept": {"text": one["reason"]["text"]}},
                    {"url": "agency", "valueReference": {"reference": one["agency"]}},
                ],
            }
            for one in parts["causes"]
        ]
        event = {
            "resourceType": "AdverseEvent",
            "actuality": "actual",
            "subject": {"reference": f"Patient/{self.place.ada}"},
            "encounter": {"reference": f"Encounter/{stay}"},
            "event": {"coding": [{"system": f"{OURS}/CodeSystem/failed-discharge", "code": parts["category"]}]},
            "date": parts["at"],
            "extension": causes,
        }
        client = parts.get("client") or self.place.client(agency)
        return await client.post(f"{R4}/AdverseEvent", json=event, headers=FHIR)


OURS = "https://oneplan.example/fhir"
_STATES = {"in_hospital": "in-progress", "finished": "finished", "cancelled": "cancelled", "planned": "planned"}


def _stayed(encounter: Json, fields: Mapping[str, Any]) -> Json:
    """An Encounter with what native words say of it; None takes it away."""
    made = dict(encounter)
    planned = f"{OURS}/StructureDefinition/planned-discharge"
    for name, value in fields.items():
        if name == "planned_discharge":
            rest = [one for one in made.get("extension", ()) if one["url"] != planned]
            made["extension"] = [*rest, *([{"url": planned, "valueDateTime": value}] if value else [])]
        elif name == "discharged":
            made["period"] = {**made.get("period", {}), "end": value}
        elif name == "admitted":
            made["period"] = {**made.get("period", {}), "start": value}
        elif name == "status":
            made["status"] = _STATES[value]
        elif name == "ward":
            made["location"] = [{"location": {"display": value}}]
        elif name == "discharge_method":
            uk = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DischargeMethod"
            method = {"url": uk, "valueCodeableConcept": {"coding": [{"code": value["code"]}]}}
            made["extension"] = [*made.get("extension", ()), method]
    if not made.get("extension", True):
        del made["extension"]
    return made


DOORS: Mapping[str, Callable[[Larch], Door]] = {"rest": Rest, "fhir": Fhir, "fhir R5": lambda place: Fhir(place, R5)}
"""Each door, made from the seed world."""


async def confirmed(door: Door, stay: str, but: tuple[str, ...] = ()) -> None:
    """Everybody confirms what is asked of them, `but` these items."""
    gate = await door.gate(stay)
    for code in sorted(gate["items"], key=lambda code: code != "hospital.summary"):
        if code not in but and gate["items"][code]["state"] not in ("confirmed", "not_needed"):
            answer = await door.answer(stay, code)
            assert answer.status_code == 200, (code, answer.text)


async def messages(place: Larch, agency: str = "HUB1") -> list[Json]:
    """The messages about stays that an agency sees, oldest first."""
    answer = await place.client(agency).get(f"{place.address}/plan/sections/transitions/message")
    return list(answer.json()["items"])


async def entries(place: Larch, kind: str, agency: str = "HUB1") -> list[Json]:
    """The entries of a kind under transitions."""
    answer = await place.client(agency).get(f"{place.address}/plan/sections/transitions/{kind}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])
