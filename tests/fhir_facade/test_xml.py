"""How JSON and XML of FHIR stand for each other, and what is no XML of FHIR (fhir_facade.xml_read, xml_write)."""

import re
from typing import Any

import pytest

from fhir_facade import exact
from fhir_facade.xml_read import read
from fhir_facade.xml_tree import MAX_DEPTH, MAX_TAGS
from fhir_facade.xml_write import write
from plan.problem import Problem, Trouble

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NS = 'xmlns="http://hl7.org/fhir"'
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def goal(inside: str) -> bytes:
    """A Goal with this inside."""
    return f"<Goal {NS}>{inside}</Goal>".encode()


def refused(raw: bytes, version: Any = "R4") -> Problem:
    """The problem of a document."""
    with pytest.raises(Problem) as told:
        read(raw, version)
    return told.value


BOTH_WAYS = [
    ('{"resourceType":"Goal"}', f"<Goal {NS}/>"),
    ('{"resourceType":"Goal","id":"g1"}', f'<Goal {NS}><id value="g1"/></Goal>'),
    (
        '{"resourceType":"Patient","active":true,"multipleBirthInteger":2}',
        f'<Patient {NS}><active value="true"/><multipleBirthInteger value="2"/></Patient>',
    ),
    (
        '{"resourceType":"Observation","valueQuantity":{"value":1.00,"unit":"g"}}',
        f'<Observation {NS}><valueQuantity><value value="1.00"/><unit value="g"/></valueQuantity></Observation>',
    ),
    (
        '{"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"b","extension":[{"url":"urn:x"}]}}',
        f'<Patient {NS}><birthDate value="1970" id="b"><extension url="urn:x"/></birthDate></Patient>',
    ),
    (
        '{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"g"}]}]}',
        f'<Patient {NS}><name><given value="A"/><given id="g"/></name></Patient>',
    ),
    (
        '{"resourceType":"Patient","extension":[{"id":"e","url":"urn:x","valueCode":"a"}]}',
        f'<Patient {NS}><extension id="e" url="urn:x"><valueCode value="a"/></extension></Patient>',
    ),
    (
        '{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"}]}',
        f'<Patient {NS}><contained><Organization><id value="o"/></Organization></contained></Patient>',
    ),
    (
        '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Goal"}}]}',
        f"<Bundle {NS}><entry><resource><Goal/></resource></entry></Bundle>",
    ),
    (
        '{"resourceType":"Goal","text":{"status":"generated","div":"'
        + DIV.format("a &lt; b").replace('"', '\\"')
        + '"}}',
        f'<Goal {NS}><text><status value="generated"/>{DIV.format("a &lt; b")}</text></Goal>',
    ),
    (
        '{"resourceType":"Goal","note":[{"text":"a\\n\\t\\"b\\" <c> & \\u00e9\\ud83d\\ude00"}]}',
        f'<Goal {NS}><note><text value="a&#10;&#9;&quot;b&quot; &lt;c&gt; &amp; \u00e9\U0001f600"/></note></Goal>',
    ),
    (
        '{"resourceType":"ExampleScenario","instance":[{"resourceType":"G"}]}',
        f'<ExampleScenario {NS}><instance><resourceType value="G"/></instance></ExampleScenario>',
    ),
]


@pytest.mark.parametrize("json, xml", BOTH_WAYS)
def test_each_stands_for_the_other(json, xml):
    resource = exact.loads(json.encode())
    assert write(resource, "R4").decode() == HEAD + xml
    assert exact.text(read(xml.encode(), "R4")) == exact.text(resource)


def test_elements_stand_in_the_order_of_the_definitions():
    members = '"lifecycleStatus":"active","modifierExtension":[],"language":"en","text":{},"id":"g","meta":{}'
    said = write(exact.loads(f'{{{members},"resourceType":"Goal","implicitRules":"r"}}'.encode()), "R4").decode()
    names = re.findall(r"<(\w+)", said.replace("?xml", ""))
    assert names == ["Goal", "id", "meta", "implicitRules", "language", "text", "lifecycleStatus"]


def test_an_older_order_is_read_all_the_same():
    said = read(goal('<lifecycleStatus value="active"/><note><text value="a"/></note><id value="g"/><note/>'), "R4")
    assert said == {"resourceType": "Goal", "lifecycleStatus": "active", "note": [{"text": "a"}, {}], "id": "g"}


def test_what_belongs_to_another_version_is_not_written():
    held = {"resourceType": "Goal", "continuous": True, "unheard": 1}
    assert b"continuous" in write(held, "R5")
    assert write(held, "R4").decode() == f"{HEAD}<Goal {NS}/>"


def test_what_xml_cannot_hold_is_marked():
    said = write({"resourceType": "Goal", "note": [{"text": "a\x0bb\ufffe"}]}, "R4")
    assert read(said, "R4")["note"] == [{"text": "a\ufffdb\ufffd"}]


@pytest.mark.parametrize("div", ["<b>", "plain", "<div", "<div>&nbsp;</div>", "<div/><div/>", "</text><x/>"])
def test_a_narrative_that_is_none_becomes_text(div):
    said = read(write({"resourceType": "Goal", "text": {"div": div}}, "R4"), "R4")
    assert said["text"]["div"] == DIV.format(div.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


TAKEN = [
    b"\xef\xbb\xbf" + goal(""),
    b'<?xml version="1.0"?>' + goal(""),
    b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n' + goal("\n  <!-- aside -->\n"),
    f'<f:Goal xmlns:f="{NS[7:-1]}"/>'.encode(),
    f'<Goal {NS} xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a b" xml:lang="en"/>'.encode(),
]


@pytest.mark.parametrize("raw", TAKEN)
def test_any_document_that_says_the_same_is_taken(raw):
    assert read(raw, "R4") == {"resourceType": "Goal"}


def test_a_narrative_with_prefixes_is_written_without():
    inside = '<h:p title="a &lt; &quot;b&quot;" xml:lang="fr">x &amp; y</h:p><h:br/>'
    text = f'<text><h:div xmlns:h="http://www.w3.org/1999/xhtml">{inside}</h:div></text>'
    assert read(goal(text), "R4")["text"]["div"] == DIV.format(
        '<p title=\'a &lt; "b"\' xml:lang="fr">x &amp; y</p><br></br>'
    )


def test_what_is_not_xhtml_in_a_narrative_is_shown_to_the_validator():
    other = '<h:div xmlns:h="http://www.w3.org/1999/xhtml"><s xmlns="urn:s"/></h:div>'
    assert 'xmlns="urn:s"' in read(goal(f"<text>{other}</text>"), "R4")["text"]["div"]


VALUES = [
    ("Patient", "active", "yes"),
    ("Patient", "multipleBirthInteger", "two"),
    ("Patient", "multipleBirthInteger", "+2"),
    ("Patient", "multipleBirthInteger", "9" * 200),
    ("Patient", "birthDate", " 1970"),
]


@pytest.mark.parametrize("type_, name, said", VALUES)
def test_a_value_that_is_none_is_left_to_the_validator(type_, name, said):
    assert read(f'<{type_} {NS}><{name} value="{said}"/></{type_}>'.encode(), "R4")[name] == said


def test_two_where_one_may_stand_are_left_to_the_validator():
    assert read(goal('<lifecycleStatus value="a"/><lifecycleStatus value="b"/>'), "R4")["lifecycleStatus"] == ["a", "b"]


FAULTS = [
    (f"<Goal {NS}><foo value='1'/></Goal>", ("Goal", "foo"), "no element"),
    (f"<Goal {NS}><resourceType value='1'/></Goal>", ("Goal", "resourceType"), "no element"),
    (f"<Goal {NS}><_note value='1'/></Goal>", ("Goal", "_note"), "no element"),
    (f"<Goal {NS}><extension><url value='u'/></extension></Goal>", ("Goal", "extension", 0, "url"), "no element"),
    (f"<Goal {NS}><target><due value='1'/></target></Goal>", ("Goal", "target", 0, "due"), "no element"),
    (f"<Goal {NS}><note/><note text='a'/></Goal>", ("Goal", "note", 1), "no attribute 'text'"),
    (f"<Goal {NS} id='a'/>", ("Goal",), "no attribute 'id'"),
    (f"<Goal {NS}><lifecycleStatus/></Goal>", ("Goal", "lifecycleStatus"), "no value"),
    (f"<Goal {NS}><lifecycleStatus>active</lifecycleStatus></Goal>", ("Goal", "lifecycleStatus"), "text stands"),
    (f"<Goal {NS}>active</Goal>", ("Goal",), "text stands"),
    (f"<Goal {NS}><note xmlns='urn:x'/></Goal>", ("Goal", "note", 0), "namespace 'urn:x'"),
    (f"<Goal {NS}><text><div>a</div></text></Goal>", ("Goal", "text", "div"), "no <div> of XHTML"),
    (f"<Goal {NS}><contained/></Goal>", ("Goal", "contained", 0), "one resource"),
    (f"<Goal {NS}><contained><Goal/><Goal/></contained></Goal>", ("Goal", "contained", 0), "one resource"),
    (f"<Goal {NS}><contained><Foo/></contained></Goal>", ("Goal", "contained", 0), "no resource <Foo>"),
    (f"<Foo {NS}/>", ("Foo",), "R4 has no resource <Foo>"),
    (f"<DomainResource {NS}/>", ("DomainResource",), "no resource"),
    ("<Goal/>", ("Goal",), "namespace 'none'"),
    ("<Goal xmlns='http://hl7.org/fhir/r4'/>", ("Goal",), "namespace 'http://hl7.org/fhir/r4'"),
    ("<div xmlns='http://www.w3.org/1999/xhtml'/>", ("div",), "namespace"),
]


@pytest.mark.parametrize("raw, where, what", FAULTS)
def test_what_is_no_xml_of_fhir_is_refused_where_it_stands(raw, where, what):
    problem = refused(raw.encode())
    assert problem.trouble is Trouble.MALFORMED
    assert problem.faults[0].where == where
    assert what in problem.faults[0].what
    assert problem.faults[0].mend


def test_a_resource_of_another_version_is_none():
    raw = f"<SubscriptionTopic {NS}/>".encode()
    assert read(raw, "R5") == {"resourceType": "SubscriptionTopic"}
    assert "R4 has no resource" in refused(raw).faults[0].what


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ATTACKS = [
    b"",
    b"  \n",
    b"<Goal",
    b"{}",
    b"\xff\xfe<\x00G\x00",
    goal("").decode().encode("utf-16"),
    b'<?xml version="1.0" encoding="ISO-8859-1"?>' + goal(""),
    b'<?xml version="1.0" encoding="UTF-16"?>' + goal(""),
    goal('<note><text value="caf\u00e9"/></note>').decode().encode("latin-1"),
    goal('<note><text value="&#0;"/></note>'),
    goal('<note><text value="&nbsp;"/></note>'),
    goal("<a></b>"),
    goal("") + goal(""),
    goal("<x:note/>"),
    b"<!DOCTYPE Goal>" + goal(""),
    f'<!DOCTYPE g [<!ENTITY l0 "ha">{LAUGHS}]>'.encode() + goal('<note><text value="&l9;"/></note>'),
    b'<!DOCTYPE g [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + goal("<note>&e;</note>"),
    b'<!DOCTYPE g SYSTEM "http://127.0.0.1:1/g.dtd">' + goal(""),
    b'<!DOCTYPE g [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>' + goal(""),
    b'<?xml-stylesheet href="http://127.0.0.1:1/s.xsl"?>' + goal(""),
    goal('<text><div xmlns="http://www.w3.org/1999/xhtml">&nbsp;</div></text>'),
]


@pytest.mark.parametrize("raw", ATTACKS)
def test_what_is_no_document_is_refused_and_fetches_nothing(raw):
    problem = refused(raw)
    assert problem.trouble is Trouble.MALFORMED
    assert "passwd" not in str(problem)


def nested(inside: str, much: int) -> bytes:
    """A Goal with so many elements one in the other."""
    return goal(f"<{inside}>" * much + f"</{inside}>" * much)


def test_a_deep_document_is_refused():
    for much in (MAX_DEPTH, 10_000, 70_000):
        problem = refused(nested("extension", much))
        assert problem.trouble is Trouble.TOO_COSTLY
        assert "deeper" in problem.detail
    # Each extension of JSON is an object in an array: it is JSON that sets the limit.
    assert "deeper" in refused(nested("extension", MAX_DEPTH - 2)).detail


def test_a_deep_narrative_costs_nothing():
    assert refused(goal(f"<text>{DIV.format('<b>' * 70_000)}</text>")).trouble is Trouble.MALFORMED
    deep = "<b>" * 70_000 + "</b>" * 70_000
    assert read(goal(f"<text>{DIV.format(deep)}</text>"), "R4")["text"]["div"] == DIV.format(deep)


def test_a_wide_document_is_refused():
    assert refused(goal("<note/>" * MAX_TAGS)).trouble is Trouble.TOO_COSTLY
    assert len(read(goal("<note/>" * 20_000), "R4")["note"]) == 20_000
