"""Document: a letter, a form or a picture that belongs to the plan, and where it can be read.

Source: PRSB Core Information Standard v2, "Documents"; FHIR R4 DocumentReference. The bytes themselves stand elsewhere.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from plan.kinds.kind import Kind
from plan.kinds.types import Asking, Coding, DateOrMoment, Form, Line, Moment, Text, Uri

MimeType = Annotated[str, StringConstraints(max_length=255, pattern=r"^[^\s/]+/\S+( \S+)*$")]
"""A media type (RFC 6838), such as `text/plain; charset=utf-8`."""


class Document(Form):
    """One document. `date` is when it was written, `recorded` when it was filed; `category` is the PRSB class."""

    title: Line
    status: Literal["current", "superseded"]
    type: Coding | None = None
    category: Coding | None = None
    description: Text | None = None
    date: DateOrMoment | None = None
    recorded: Moment | None = None
    written_by: Asking | None = None
    url: Uri | None = None
    content_type: MimeType | None = None


KIND = Kind(name="document", form=Document, title=lambda body: str(body.get("title", "Document")))
