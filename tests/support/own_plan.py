"""Ada's plan with something of everything that her own pages show; what is made up stands «so», or is named here."""

from typing import Any

from fhir_facade.agencies import AGENCY_KIND
from plan.known import AGENCY_KINDS
from tests.support.larch import AGENCIES, Larch

PARTS = ("most_important", "people_important", "communication", "wellness", "please_do_and_dont")
ATTAINED = ("in_progress", "improving", "worsening", "no_change", "achieved", "sustaining", "not_achieved")
_KINDS = "|".join(sorted(AGENCY_KINDS.values(), key=len, reverse=True))
MADE_UP = (
    "«[^»]*»",
    rf"Test (?:{_KINDS})(?: team)?",
    "Larch Court",
    r"(?:Ada|Bea|Zoe)(?:-Test)?(?: Test)?",
    r"(?:Agency [A-Z0-9]+|RX9)\b",
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,",
    r"\d{1,2} [A-Z][a-z]+ \d{4}(?:, \d\d:\d\d)?",
    r"\d{1,2} \d{1,2} \d{4}",
    r"\d\d:\d\d",
    r"\d[\d ]{5,}\d",
    r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b",
)
"""Patterns of what is made up: names, agencies, days and times, numbers, ids."""


async def contact(here: Larch) -> str:
    """The contact entry of Bea, as decisions name her."""
    answer = await here.client("LA1").get(f"{here.address}/plan/sections/about_me/contact")
    (found,) = (one for one in answer.json()["items"] if one["name"] == "Bea Test")
    return f"RelatedPerson/{found['id']}"


async def allowed(here: Larch, decision: str, to: dict[str, str], *sections: str, **more: Any) -> dict[str, Any]:
    """A decision of Ada's."""
    body = {"decision": decision, "status": "active", "to": [to], "sections": list(sections), **more}
    answer = await here.world.client("person", "own", person=here.ada).post(f"{here.address}/consents", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def filled(here: Larch) -> None:
    """Write it, and look at it as others do."""
    await _written(here)
    await _decided(here)
    await _asked(here)
    await _looked(here)


async def _written(here: Larch) -> None:
    await here.add("LA1", "about_me", "about_me", **dict.fromkeys(PARTS, "«My plants.»"))
    for word in ATTAINED:
        steps = [{"goal": "«The gate»", "status": "in_progress"}]
        goal = {"goal": "«Walk»", "status": "active", "own_words": "«I want my paper.»", "attainment": word}
        await here.add("LA1", "social_care", "goal", **goal, stage_goals=steps)
    visits = [{"start": "08:00", "tasks": "«Wash»"}, {"days": ["tue"], "start": "11:00"}]
    by = {"reference": "Organization/HC1"}
    await here.add("HC1", "social_care", "service", service="«Care»", status="active", provider=by, visits=visits)
    await here.add("LA1", "about_me", "contact", name="Zoe Test", relationship="«friend»", phone="020 7946 0000")
    await here.add(
        "P10001",
        "contingency",
        "contingency",
        plan_name="«Falls»",
        trigger_factors=[{"text": "«A fall»"}],
        what_should_happen=["«Ring me»"],
    )
    for id_, kind in (("PH1", "pharmacy"), ("CH1", "community_health"), ("EQ1", "equipment")):
        await here.world.agency(id_, f"Test {AGENCY_KINDS[kind]}")
        await _typed(here, id_, kind)
        await here.world.desk.add_member(here.world.visit("clinician", "RX1"), here.ada, id_, "care_provider", "")


async def _typed(here: Larch, id_: str, kind: str) -> None:
    coding = [{"coding": [{"system": AGENCY_KIND, "code": kind}]}]
    organization = {"resourceType": "Organization", "id": id_, "active": True, "name": f"Test {AGENCY_KINDS[kind]}"}
    by = here.world.client("administrator", id_)
    answer = await by.put(
        f"/fhir/R4/Organization/{id_}",
        json=organization | {"type": coding},
        headers={"Content-Type": "application/fhir+json", "If-Match": 'W/"1"'},
    )
    assert answer.status_code == 200, answer.text


async def _decided(here: Larch) -> None:
    await allowed(here, "permit", {"carer": await contact(here)}, "about_me", "social_care", "transitions")
    await allowed(
        here, "deny", {"agency": "HC1"}, "health", end="2026-12-31", reason="«Mine»", recorded_how="«Said so»"
    )
    await allowed(here, "deny", {"role": "housing_officer"}, "benefits", end="2026-02-01")
    stopped = await allowed(here, "deny", {"role": "care_provider"}, "housing")
    by = here.world.client("person", "own", person=here.ada)
    merge = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}
    answer = await by.patch(f"{here.address}/consents/{stopped['id']}", json={"status": "withdrawn"}, headers=merge)
    assert answer.status_code == 200, answer.text


async def _asked(here: Larch) -> None:
    """A discharge in the night, with its questions; and a message to Ada and to Bea."""
    stay = {"status": "in_hospital", "hospital": {"reference": "Organization/RX1"}}
    times = {"admitted": "2026-03-01T10:00:00Z", "planned_discharge": "2026-03-06T22:00:00Z"}
    await here.add("RX1", "transitions", "stay", **stay, **times)
    await here.turn()
    for to in (f"Patient/{here.ada}", await contact(here)):
        body = {"text": "«Which day suits you?»", "status": "sent", "to": [{"reference": to}]}
        await here.add("LA1", "social_care", "message", **body)


async def _looked(here: Larch) -> None:
    """Workers of every kind look and search; a stranger is refused, and one opens the plan in an emergency."""
    for agency in AGENCIES:
        by = here.client(agency)
        await by.get(f"{here.address}/plan")
        await by.get(f"/fhir/R4/Goal?patient={here.ada}")
    stranger = here.world.client("clinician", "RX9", "dana")
    assert (await stranger.get(f"{here.address}/plan")).status_code == 404
    asked = {"person": str(here.ada), "reason": "emergency", "text": "«Found at home»"}
    assert (await stranger.post("/v1/overrides", json=asked)).status_code == 201
