"""The two doors of the feedback loop, so that each scenario is told once and runs through both."""

from typing import Any

import httpx

from fhir_facade import systems
from fhir_facade.ask import STATE
from fhir_facade.instruction import TOPIC
from tests.support.larch import Larch
from tests.support.r4 import JSON, R4

SWOLLEN = {"text": "Swollen ankles", "system": systems.SNOMED, "code": "102572006"}
BREATHLESS = "Breathless, ankles swollen, third visit"
PRACTICE = [{"reference": "Organization/P10001"}]
_PRIORITY = {"emergency": "stat", "urgent": "urgent", "soon": "asap", "routine": "routine"}


class Rest:
    """The native door."""

    name = "rest"

    def __init__(self, place: Larch) -> None:
        self.place = place

    async def send(self, agency: str, text: str = BREATHLESS, section: str = "social_care", **body: Any) -> Any:
        """A message; the answer of the door."""
        said = {"text": text, "status": "sent", **body}
        return await self.place.client(agency).post(f"{self.place.address}/messages?section={section}", json=said)

    async def threads(self, agency: str) -> list[dict[str, Any]]:
        """The asks of messages, as an agency sees them."""
        answer = await self.place.client(agency).get(f"{self.place.address}/messages")
        assert answer.status_code == httpx.codes.OK, answer.text
        return list(answer.json()["threads"])

    async def step(self, agency: str, message: str, state: str) -> Any:
        """Somebody of the team takes a step."""
        word = {"seen": "seen", "acknowledged": "acknowledge"}[state]
        return await self.place.client(agency).post(f"{self.place.address}/messages/{message}/{word}")

    async def answer(self, agency: str, message: str, outcome: str, text: str = "Seen today", **more: str) -> Any:
        """An answer with what came of it."""
        said = {"outcome": outcome, "text": text, **more}
        return await self.place.client(agency).post(f"{self.place.address}/messages/{message}/answer", json=said)

    async def understood(self, agency: str, message: str) -> Any:
        """The sender has understood."""
        return await self.place.client(agency).post(f"{self.place.address}/messages/{message}/understood")

    async def instruct(self, agency: str, **body: Any) -> Any:
        """An instruction in the health section."""
        said = {"text": "At most 1.5 litres a day", "topic": "fluids", "action": "restrict", "status": "active", **body}
        return await self.place.client(agency).post(f"{self.place.address}/plan/sections/health/instruction", json=said)


class Fhir(Rest):
    """The FHIR door: the same by Communication, Task and ServiceRequest."""

    name = "fhir"

    async def send(self, agency: str, text: str = BREATHLESS, section: str = "social_care", **body: Any) -> Any:
        made = self._communication(section, text)
        if "urgency" in body:
            made["priority"] = _PRIORITY.get(body["urgency"], body["urgency"])
        if "concern" in body:
            made["reasonCode"] = [concept(body["concern"])]
        if "to" in body:
            made["recipient"] = body["to"]
        return await self._post(agency, made)

    async def threads(self, agency: str) -> list[dict[str, Any]]:
        answer = await self.place.client(agency).get(f"{R4}/Task?patient={self.place.ada}&_count=100")
        assert answer.status_code == httpx.codes.OK, answer.text
        tasks = [one["resource"] for one in answer.json().get("entry", ())]
        return [native(one) for one in tasks if one["focus"]["reference"].startswith("Communication/")]

    async def step(self, agency: str, message: str, state: str) -> Any:
        task = await self._task(agency, message)
        task["status"] = {"seen": "received", "acknowledged": "accepted"}[state]
        task["businessStatus"] = {"coding": [{"system": STATE, "code": state}]}
        client = self.place.client(agency)
        return await client.put(f"{R4}/Task/{task['id']}", json=task, headers=JSON)

    async def answer(self, agency: str, message: str, outcome: str, text: str = "Seen today", **more: str) -> Any:
        there = await self.place.client(agency).get(f"{R4}/Communication/{message}")
        section = there.json()["meta"]["tag"][0]["code"]
        made = self._communication(section, text) | {"inResponseTo": [{"reference": f"Communication/{message}"}]}
        made["extension"] = [own("message-outcome", "valueCode", outcome)]
        if more:
            made["extension"].append(own("message-outcome-reason", "valueString", more["outcome_reason"]))
        return await self._post(agency, made)

    async def understood(self, agency: str, message: str) -> Any:
        client = self.place.client(agency)
        mine = (await client.get(f"{R4}/Communication/{message}")).json()
        mine.setdefault("extension", []).append(own("understood", "valueDateTime", "2026-03-02"))
        return await client.put(f"{R4}/Communication/{message}", json=mine, headers=JSON)

    async def instruct(self, agency: str, **body: Any) -> Any:
        made: dict[str, Any] = {
            "resourceType": "ServiceRequest",
            "status": "active",
            "intent": "order",
            "subject": {"reference": f"Patient/{self.place.ada}"},
            "meta": {"tag": [{"system": systems.PLAN_SECTION, "code": "health"}]},
            "category": [
                {"coding": [{"system": systems.ENTRY_KIND, "code": "instruction"}]},
                {"coding": [{"system": TOPIC, "code": "fluids"}]},
            ],
            "code": {"text": "At most 1.5 litres a day"},
            "extension": [own("instruction-action", "valueCode", "restrict")],
        }
        if "changes" in body:
            made["extension"].append(own("changes", "valueReference", {"reference": body["changes"]}))
        if "period" in body:
            made["occurrencePeriod"] = body["period"]
        if "to" in body:
            made["performer"] = body["to"]
        return await self._post(agency, made)

    def _communication(self, section: str, text: str) -> dict[str, Any]:
        return {
            "resourceType": "Communication",
            "status": "completed",
            "subject": {"reference": f"Patient/{self.place.ada}"},
            "meta": {"tag": [{"system": systems.PLAN_SECTION, "code": section}]},
            "payload": [{"contentString": text}],
        }

    async def _post(self, agency: str, made: dict[str, Any]) -> Any:
        return await self.place.client(agency).post(f"{R4}/{made['resourceType']}", json=made, headers=JSON)

    async def _task(self, agency: str, message: str) -> dict[str, Any]:
        answer = await self.place.client(agency).get(f"{R4}/Task?based-on=Communication/{message}")
        [one] = answer.json()["entry"]
        found: dict[str, Any] = one["resource"]
        return found


DOORS = (Rest, Fhir)


def own(name: str, value: str, said: Any) -> dict[str, Any]:
    """An extension of ours."""
    return {"url": systems.own_extension(name), value: said}


def concept(coding: dict[str, str]) -> dict[str, Any]:
    """A native coding as FHIR has it."""
    return {"text": coding["text"], "coding": [{"system": coding["system"], "code": coding["code"]}]}


def native(task: dict[str, Any]) -> dict[str, Any]:
    """What the scenarios ask of a thread, read from its Task."""
    values = {one["url"].rpartition("/")[2]: one for one in task.get("extension", ()) if "extension" not in one}
    steps = [one for one in task.get("extension", ()) if one["url"].endswith("/ask-step")]
    return {
        "id": task["id"],
        "state": task["businessStatus"]["coding"][0]["code"],
        "focus": task["focus"]["reference"],
        "to": task.get("owner"),
        "messages": [one["reference"] for one in task["basedOn"]],
        "count": values["ask-count"]["valueInteger"],
        "due": task["restriction"]["period"]["end"],
        "steps": [_step(one) for one in steps],
    } | ({"outcome": values["message-outcome"]["valueCode"]} if "message-outcome" in values else {})


def _step(one: dict[str, Any]) -> dict[str, Any]:
    parts = {part["url"]: part for part in one["extension"]}
    return {
        "state": parts["state"]["valueCode"],
        "at": parts["at"]["valueDateTime"],
        "by": parts["by"]["valueString"],
        "agency": parts["agency"]["valueString"],
    }
