"""XML taken apart with nothing believed: a bounded tree of FHIR elements, every narrative as it was written.

Source: FHIR R4 and R5 xml.html; XML 1.0 and Namespaces. Read with expat, as narratives are (decision 25): it has no DTD
to follow here, so nothing is fetched or expanded, and it tells where in the text an element stands, so that a
narrative is kept to the byte.
"""

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape, quoteattr

from fhir_facade.xhtml import XHTML
from plan.problem import Fault, Problem, Trouble

FHIR = "http://hl7.org/fhir"
MAX_DEPTH = 64
MAX_TAGS = 150_000
"""Twice what a Bundle of 1000 entries of the usual size has."""
_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass(slots=True)
class Tag:
    """One element. `stray` is text that stands where none belongs; `foreign` a namespace that is not FHIR's.

    `div` is the text of a narrative: such an element has no children here.
    """

    name: str
    attributes: dict[str, str]
    foreign: str = ""
    stray: str = ""
    div: str = ""
    children: list["Tag"] = field(default_factory=list)


def parse(raw: bytes) -> Tag:
    """The root element of a document in UTF-8, a byte order mark allowed.

    Raises Problem: MALFORMED for what is not well-formed, for a DOCTYPE, an entity of its own, a processing instruction
    or another encoding, and TOO_COSTLY for nesting deeper than 64 or more than 150 000 tags.
    """
    text = raw.removeprefix(b"\xef\xbb\xbf")
    _bounded(text)
    reader = _Reader(text)
    try:
        return reader.read()
    except ExpatError as error:
        _malformed(f"not XML: {str(error)[:80]}", "Send one well-formed document.")


def _bounded(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        _malformed(f"not UTF-8: byte {error.start} cannot be read", "Send the body in UTF-8.")
    if not text.strip():
        _malformed("the body is empty", "Send one document.")
    if text.count(b"<") > MAX_TAGS:
        _costly(f"more than {MAX_TAGS} tags", "Send it in parts.")


class _Reader:
    """One reading of one document."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._open: list[Tag] = []
        self._root: Tag | None = None
        self._narrative: _Narrative | None = None
        parser = ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        parser.ProcessingInstructionHandler = self._instruction
        parser.XmlDeclHandler = self._declared
        self._parser = parser

    def read(self) -> Tag:
        """Read it all, or raise at the first thing that may not stand there."""
        self._parser.Parse(self._text, True)
        assert self._root is not None  # expat refuses a document without one
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, local, prefix = _named(name)
        if self._narrative is not None:
            self._narrative.start(space, local, prefix, attributes)
            return
        if len(self._open) == MAX_DEPTH:
            _costly(f"nested deeper than {MAX_DEPTH}", "Send a flatter body.")
        tag = Tag(local, _own(attributes), "" if space == FHIR else space or "none")
        if self._open:
            self._open[-1].children.append(tag)
        else:
            self._root = tag
        self._open.append(tag)
        if space == XHTML:
            self._narrative = _Narrative(self._parser.CurrentByteIndex)
            self._narrative.start(space, local, prefix, attributes)

    def _end(self, name: str) -> None:
        if self._narrative is not None:
            if self._narrative.end(name):
                self._open.pop().div = self._narrative.text(self._text, self._parser.CurrentByteIndex)
                self._narrative = None
            return
        self._open.pop()

    def _data(self, text: str) -> None:
        if self._narrative is not None:
            self._narrative.parts.append(escape(text))
        elif not text.isspace():
            self._open[-1].stray = self._open[-1].stray or text.strip()

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in _ENCODINGS:
            _malformed(f"the document says it is in {encoding[:40]}", "Send the body in UTF-8.")

    def _doctype(self, *_: object) -> None:
        _malformed("a DOCTYPE stands in the document", "Leave it out: FHIR has none.")

    def _instruction(self, *_: object) -> None:
        _malformed("a processing instruction stands in the document", "Leave it out.")


class _Narrative:
    """One `div`: the bytes it stands in, or, where its names have prefixes, the same elements without them."""

    def __init__(self, begin: int) -> None:
        self._begin = begin
        self._depth = 0
        self._prefixed = False
        self.parts: list[str] = []

    def start(self, space: str, local: str, prefix: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._prefixed = self._prefixed or bool(prefix)
        named = f" xmlns={quoteattr(space)}" if not self._depth or space != XHTML else ""
        written = "".join(f" {_attribute(name)}={quoteattr(value)}" for name, value in attributes.items())
        self.parts.append(f"<{local}{named}{written}>")
        self._depth += 1

    def end(self, name: str) -> bool:
        """An element ends; whether it was the whole."""
        self.parts.append(f"</{_named(name)[1]}>")
        self._depth -= 1
        return self._depth == 0

    def text(self, whole: bytes, last: int) -> str:
        """The div; `last` is where its end tag begins, or, when it is one empty tag, where that ends."""
        if self._prefixed:
            return "".join(self.parts)
        first = _TAG.match(whole, self._begin)
        empty = first is not None and first.end() == last and whole.endswith(b"/>", 0, last)
        end = last if empty else whole.index(b">", last) + 1
        return whole[self._begin : end].decode()


def _named(name: str) -> tuple[str, str, str]:
    """Namespace, local name, prefix; empty where there is none."""
    parts = name.split(" ")
    if len(parts) == 1:
        return "", name, ""
    return parts[0], parts[1], parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - the three parts of a name


def _attribute(name: str) -> str:
    _, local, prefix = _named(name)
    return f"{prefix}:{local}" if prefix else local


def _own(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes but those that only speak of the schema or the language of the text."""
    return {name: value for name, value in attributes.items() if _named(name)[0] not in (_SCHEMA_INSTANCE, _XML)}


def _malformed(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.MALFORMED, what[:1].upper() + what[1:], (Fault(what, mend=mend),))


def _costly(what: str, mend: str) -> NoReturn:
    raise Problem(Trouble.TOO_COSTLY, what[:1].upper() + what[1:], (Fault(what, mend=mend),))
