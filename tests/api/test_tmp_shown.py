import json
from tests.support.world import World
from tests.support.rest import GOAL

async def test_smoke(world: World) -> None:
    gp = world.client()
    await world.agency("RX1","Hospital")
    p = await world.person(gp)
    r = await gp.post(f"/v1/people/{p}/plan/sections/health/goal", json=GOAL)
    print(r.status_code)
    await gp.get(f"/v1/people/{p}/plan")
    ha = world.client("housing_officer","HA1")
    await ha.get(f"/v1/people/{p}/plan")
    me = world.client("person","HOME",person=p)
    r = await me.get(f"/v1/people/{p}/access-log")
    print(json.dumps(r.json(),indent=1)[:6000])
    r = await gp.get(f"/v1/people/{p}/access-log"); print(r.status_code, r.text)
    r = await ha.get(f"/v1/people/{p}/access-log"); print(r.status_code, r.text)
    for v in ("R4","R5"):
        r = await me.get(f"/fhir/{v}/AuditEvent?patient={p}&_count=4&_pretty=true"); print(r.status_code, r.text[:9000])
    i = r.json()["entry"][0]["resource"]["id"]; print(len(i))
    r = await me.get(f"/fhir/R4/AuditEvent/{i}"); print(r.status_code, r.headers)
    r = await me.post(f"/fhir/R4/AuditEvent", json={"resourceType":"AuditEvent"}, headers={"content-type":"application/fhir+json"}); print(r.status_code, r.text)
    r = await me.put(f"/fhir/R4/AuditEvent/{i}", json={"resourceType":"AuditEvent"}, headers={"content-type":"application/fhir+json"}); print(r.status_code, r.text)
    b={"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"AuditEvent"},"request":{"method":"POST","url":"AuditEvent"}},{"request":{"method":"GET","url":f"AuditEvent?patient={p}"}}]}
    r = await me.post(f"/fhir/R4", json=b, headers={"content-type":"application/fhir+json"}); print(r.status_code, r.text)
    an = world.anonymous(); r = await an.get("/v1/people"); print(r.status_code)
    r = await an.get("/livez"); print(r.status_code)
    r = await gp.get("/nowhere"); print(r.status_code)
    print(await world.database.rows("select person_id, action, door, type, target, allowed, question, request from audit_event where person_id='' order by id"))
