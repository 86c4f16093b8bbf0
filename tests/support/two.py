"""Two people who are one, and what tests of a merge ask of them through the FHIR door."""

from typing import Any

from tests.support.r4 import JSON, R4, found


class Two:
    """Two people who are one, and who works with them."""

    def __init__(self, world, client, source, target):
        self.world, self.client, self.source, self.target = world, client, source, target

    async def asked(self, operation="merge", client=None, **more: Any):
        """The answer; `more` are further parameters by name with underscores, as member and value."""
        parts = [
            {"name": f"{who}-patient", "valueReference": {"reference": f"Patient/{id_}"}}
            for who, id_ in (("source", self.source), ("target", self.target))
        ]
        parts += [{"name": name.replace("_", "-"), **value} for name, value in more.items()]
        return await self.sent(parts, operation, client)

    async def sent(self, parts, operation="merge", client=None):
        sent = {"resourceType": "Parameters", "parameter": parts}
        return await (client or self.client).post(f"{R4}/Patient/${operation}", json=sent, headers=JSON)

    async def read(self, type_, id_, client=None):
        answer = await (client or self.client).get(f"{R4}/{type_}/{id_}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def patients(self):
        return [await self.read("Patient", id_) for id_ in (self.source, self.target)]

    async def of_target(self, search: str, client=None) -> list[dict[str, Any]]:
        bundle = await found(client or self.client, f"{search}patient={self.target}&_sort=_id")
        return [one["resource"] for one in bundle.get("entry", ())]


def said(answer) -> dict[str, Any]:
    """The parts of the answer by name."""
    assert answer.status_code == 200, answer.text
    assert answer.json()["resourceType"] == "Parameters"
    return {one["name"]: one["resource"] for one in answer.json()["parameter"]}


def words(answer) -> str:
    text: str = said(answer)["outcome"]["issue"][0]["details"]["text"]
    return text


def section(name: str) -> dict[str, str]:
    """The tag of a section."""
    return {"system": "https://oneplan.example/fhir/CodeSystem/plan-section", "code": name}


async def begun(world) -> Two:
    """Two people of one agency, each with an NHS number."""
    await world.agency("RX1")
    client = world.client()
    source = await world.person(client, world.nhs_number(), family="Wrong", active=True)
    target = await world.person(client, world.nhs_number(), family="Right")
    return Two(world, client, source, target)
