"""XML through the FHIR door: what is sent in it is stored as JSON, what is read in it is the same resource."""

from fhir_facade import exact
from fhir_facade.xml_read import read
from fhir_facade.xml_write import write
from tests.support.r4 import R4, created, entry, goal, issue, kept

XML = "application/fhir+xml"
SENT = {"Content-Type": XML}
ASKED = {"Accept": XML}
NS = 'xmlns="http://hl7.org/fhir"'
DIV = "<div xmlns='http://www.w3.org/1999/xhtml' ><p>Walk &amp; <b>talk</b><br/></p ></div>"


def said(answer, status=200):
    """The resource of an answer in XML."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == f"{XML}; charset=utf-8"
    return read(answer.content, "R4")


def issue_in_xml(answer, status):
    """The first issue of a failure that is told in XML."""
    outcome = said(answer, status)
    assert outcome["resourceType"] == "OperationOutcome"
    return outcome["issue"][0]


def written(person, more=""):
    """A Goal in XML."""
    return (
        f'<Goal {NS}><text><status value="generated"/>{DIV}</text><lifecycleStatus value="active"/>'
        f'<description><text value="Walk"/></description><subject><reference value="Patient/{person}"/></subject>'
        f"{more}</Goal>"
    ).encode()


async def test_what_is_sent_in_xml_is_kept_to_the_digit_and_to_the_letter(client, person):
    more = '<target><measure><text value="m"/></measure><detailQuantity><value value="1.50"/></detailQuantity></target>'
    answer = await client.post(f"{R4}/Goal", content=written(person, more), headers=SENT)
    assert answer.status_code == 201, answer.text
    assert '"value":1.50' in answer.text
    one = answer.json()
    assert one["text"]["div"] == DIV
    address = f"{R4}/Goal/{one['id']}"
    back = await client.get(address, headers=ASKED)
    assert DIV in back.text
    assert exact.text(said(back)) == exact.text(exact.loads(answer.content))
    assert back.headers["etag"] == answer.headers["etag"]
    changed = back.content.replace(b'value="active"', b'value="on-hold"')
    update = await client.put(address, content=changed, headers=SENT | ASKED)
    assert said(update)["lifecycleStatus"] == "on-hold"
    assert said(await client.get(f"{address}/_history/1", headers=ASKED))["lifecycleStatus"] == "active"


async def test_bundles_come_and_go_in_xml(client, person):
    for kind in ("batch", "transaction"):
        one = entry("POST", "Goal", goal(person), link="urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a")
        sent = write({"resourceType": "Bundle", "type": kind, "entry": [one]}, "R4")
        made = said(await client.post(R4, content=sent, headers=SENT | ASKED))
        assert [e["response"]["status"] for e in made["entry"]] == ["201 Created"]
    found = await client.get(f"{R4}/Goal?patient={person}", headers=ASKED)
    plain = await client.get(f"{R4}/Goal?patient={person}")
    assert said(found) == plain.json()
    assert plain.json()["total"] == 2
    address = found.url.copy_with(path=f"{R4}/Goal/{plain.json()['entry'][0]['resource']['id']}/_history", query=None)
    assert said(await client.get(address, headers=ASKED))["type"] == "history"


async def test_an_entry_that_fails_is_told_within_the_answer(client, person):
    answer = await client.post(
        R4,
        content=write({"resourceType": "Bundle", "type": "batch", "entry": [entry("GET", "Goal/none")]}, "R4"),
        headers=SENT | ASKED,
    )
    response = said(answer)["entry"][0]["response"]
    assert response["outcome"]["resourceType"] == "OperationOutcome"


FAILED = [
    ("GET", "Goal/none", 404),
    ("GET", "Nonsense", 404),
    ("GET", "Goal/1/2/3/4/5", 404),
    ("PUT", "Goal/_search", 405),
    ("POST", "metadata", 405),
    ("GET", "Goal?patient=%ff", 400),
    ("GET", "Goal/1?a=%00", 400),
]


async def test_a_failure_is_told_in_the_form_that_was_asked_for(world, client):
    for method, path, status in FAILED:
        assert issue_in_xml(await client.request(method, f"{R4}/{path}", headers=ASKED), status)["severity"] == "error"
    assert issue_in_xml(await client.get(f"{R4}/Goal/none?_format=xml"), 404)
    assert issue_in_xml(await world.anonymous().get(f"{R4}/Goal", headers={"Accept": "text/xml"}), 401)
    assert issue_in_xml(await client.get("/fhir/STU3/Patient", headers=ASKED), 404)
    # Who asked for no form that there is, and for one that cannot be read, is told in JSON.
    assert issue(await client.get(f"{R4}/Goal/none", headers={"Accept": "text/html"}), 406)
    assert issue(await client.get(f"{R4}/Goal?_format=%ff", headers=ASKED), 400)


WRONG = [
    (b"", 400, "structure", None),
    (b"  ", 400, "structure", None),
    (b'{"resourceType":"Goal"}', 400, "structure", None),
    (written("1").decode().encode("utf-16"), 400, "structure", None),
    (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + written("1"), 400, "structure", None),
    (b"<!DOCTYPE Goal>" + written("1"), 400, "structure", None),
    (b'<!DOCTYPE g [<!ENTITY e SYSTEM "file:///etc/hostname">]><Goal>&e;</Goal>', 400, "structure", None),
    (b"<Goal/>", 400, "structure", "Goal"),
    (f"<Task {NS}/>".encode(), 400, "invalid", "Goal.resourceType"),
    (f"<Nonsense {NS}/>".encode(), 400, "structure", "Nonsense"),
    (written("1", "<nonsense value='1'/>"), 400, "structure", "Goal.nonsense"),
    (written("1", "<note><text value='a'/></note><note><txt value='a'/></note>"), 400, "structure", "Goal.note[1].txt"),
    (written("1", "<startDate value='March'/>"), 400, "value", "Goal.startDate"),
    (written("1", "<statusDate value='1'/><statusDate value='2'/>"), 400, "value", "Goal.statusDate"),
    (written("1", "<extension>" * 10_000 + "</extension>" * 10_000), 400, "too-costly", None),
    (written("1", "<note/>" * 140_000), 400, "invalid", None),
    (written("1", "<note/>" * 149_990), 413, "too-long", None),
]


async def test_what_is_no_resource_in_xml_is_refused_at_once(world, client):
    before = await kept(world)
    for raw, status, code, where in WRONG:
        said = issue(await client.post(f"{R4}/Goal", content=raw, headers=SENT), status)
        assert said["code"] == code, raw[:80]
        assert said.get("expression", [None])[0] == where or where is None, raw[:80]
        assert "hostname" not in said["details"]["text"]
    assert await kept(world) == before


async def test_xml_that_says_it_is_json_is_refused(client, person):
    for kind in ("application/fhir+json", "application/json"):
        answer = await client.post(f"{R4}/Goal", content=written(person), headers={"Content-Type": kind})
        assert issue(answer, 400)["code"] == "structure"


async def test_generic_names_of_xml_are_taken_and_another_version_is_not(client, person):
    statuses = {"application/xml": 201, "text/xml; charset=utf-8": 201, f"{XML}; fhirVersion=4.0": 201}
    refused = {f"{XML}; fhirVersion=5.0": 415, f"{XML}; charset=utf-16": 415, "application/xhtml+xml": 415}
    for kind, status in (statuses | refused).items():
        answer = await client.post(f"{R4}/Goal", content=written(person), headers={"Content-Type": kind})
        assert answer.status_code == status, kind


async def test_the_statement_comes_in_xml_and_says_so(world):
    one = said(await world.anonymous().get(f"{R4}/metadata?_format=xml"))
    assert one["format"] == ["json", "xml"]
    assert one == exact.loads((await world.anonymous().get(f"{R4}/metadata")).content)


async def test_a_part_of_a_resource_comes_in_xml(client, person):
    one = await created(client, goal(person, note=[{"text": "a"}]))
    part = said(await client.get(f"{R4}/Goal/{one['id']}?_summary=true&_format=xml"))
    assert "note" not in part
    assert part["meta"]["tag"][-1]["code"] == "SUBSETTED"
