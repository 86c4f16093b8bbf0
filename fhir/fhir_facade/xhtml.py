"""Which XHTML a narrative may hold: what a browser may show to a clinician, and nothing that acts.

Source: FHIR R4 narrative.html, invariants txt-1 (elements and attributes as it lists them) and txt-2. Read with expat
and without a DTD, so no entity is ever fetched or expanded.
"""

import re
from xml.parsers.expat import ExpatError, ParserCreate

XHTML = "http://www.w3.org/1999/xhtml"
_ELEMENT_WORDS = """
    a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i img
    li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var
"""
_ATTRIBUTE_WORDS = """
    abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset
    cite class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel
    rev rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang
    xml:space xmlns
"""
_NAMES = frozenset(_ELEMENT_WORDS.split())
_ATTRIBUTES = frozenset(_ATTRIBUTE_WORDS.split())
_ADDRESSES = frozenset({"href", "src", "cite", "longdesc"})
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.\-]*):")
_INVISIBLE = re.compile(r"[\s\x00-\x20]+")
_PICTURE = re.compile(r"data:image/(?:png|gif|jpeg|bmp|webp);")
_SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "urn", "cid", "ftp"})
_ACTIVE_STYLE = re.compile(r"expression\s*\(|javascript:|vbscript:|behavior\s*:|-moz-binding|@import|\\", re.IGNORECASE)


class _Refusal(Exception):  # noqa: N818 - it is a refusal, not a fault of ours
    """What stops the reading; its text is the sentence."""


def narrative_fault(text: str) -> str:
    """What is wrong with the `div` of a narrative, as a sentence; "" when nothing is."""
    reader = _Reader()
    try:
        reader.read(text)
    except _Refusal as refusal:
        return str(refusal)
    except (ExpatError, UnicodeEncodeError) as error:
        return f"the narrative is not well-formed XHTML ({str(error)[:80]})"
    return "" if reader.content else "the narrative says nothing: it has neither text nor an image"


class _Reader:
    """One reading of one div; `content` tells whether anything is there to see."""

    def __init__(self) -> None:
        self.content = False
        self._begun = False
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.ProcessingInstructionHandler = self._instruction

    def read(self, text: str) -> None:
        """Read it all, or raise at the first thing that may not stand there."""
        self._parser.Parse(text, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._begun and (name != "div" or attributes.get("xmlns") != XHTML):
            raise _Refusal(f'the narrative must be one <div xmlns="{XHTML}">')
        self._begun = True
        if name not in _NAMES:
            raise _Refusal(f"the element <{name[:40]}> may not stand in a narrative")
        for attribute, value in attributes.items():
            _attribute(attribute, value)
        self.content = self.content or name == "img"

    def _text(self, text: str) -> None:
        self.content = self.content or not text.isspace()

    def _doctype(self, *_: object) -> None:
        raise _Refusal("a narrative has no DOCTYPE")

    def _instruction(self, *_: object) -> None:
        raise _Refusal("a narrative has no processing instruction")


def _attribute(name: str, value: str) -> None:
    if name not in _ATTRIBUTES:
        raise _Refusal(f"the attribute {name[:40]!r} may not stand in a narrative")
    if name == "xmlns" and value != XHTML:
        raise _Refusal("all of a narrative is XHTML")
    if name in _ADDRESSES:
        # Browsers drop line breaks and tabs inside an address, so it is read without them.
        bare = _INVISIBLE.sub("", value)
        scheme = _SCHEME.match(bare)
        picture = name == "src" and _PICTURE.match(bare)
        if scheme and scheme[1].lower() not in _SAFE_SCHEMES and not picture:
            raise _Refusal(f"a link of a narrative may not begin with {scheme[1][:40]!r}")
    if name == "style" and _ACTIVE_STYLE.search(value):
        raise _Refusal("the style of a narrative may not act or fetch")
