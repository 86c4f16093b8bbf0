"""A document as a DocumentReference; its first content is what the native form shows.

Source: https://hl7.org/fhir/R4/documentreference.html.
"""

from fhir_facade.common import CONCEPT, PARTY, coding, words
from fhir_facade.face import Face
from fhir_facade.lens import Code, First, Lens


def _attached(name: str) -> Lens:
    return First("content", words("attachment", name))


FACE = Face(
    kind="document",
    type="DocumentReference",
    person="subject",
    base={"resourceType": "DocumentReference"},
    fields=(
        ("title", _attached("title")),
        ("status", Code(words("status"), {"current": "current", "superseded": "superseded"})),
        ("type", coding("type")),
        ("category", First("category", CONCEPT)),
        ("description", words("description")),
        ("date", _attached("creation")),
        ("recorded", words("date")),
        ("written_by", First("author", PARTY)),
        ("url", _attached("url")),
        ("content_type", _attached("contentType")),
    ),
)
