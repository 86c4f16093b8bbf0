"""How hard the words of a page are to read: its sentences, what they measure, and words that have a plainer one.

The Automated Readability Index (Senter and Smith, AMRL-TR-66-220, 1967) needs only letters, words and sentences:
4.71 letters a word, plus 0.5 words a sentence, less 21.43, rounded up. 6 is the sixth step of a school: children of 10
to 11. The NHS digital service manual ("How we write") aims for a reading age of 9 to 11 years; it has headings and
points of lists end as sentences do ("Use a readability tool to prioritise content").
"""

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from math import ceil

ELEVEN = 6
"""The index of a text that somebody of eleven years reads."""
FOURTEEN = 8
"""The index of a sentence that somebody of thirteen to fourteen reads: where 9 to 11 cannot be had, says the manual."""
MOST_WORDS = 25
"""So many words has a sentence at most. GOV.UK: writing for GOV.UK, "use short sentences"."""
FEWEST = 4
"""Less is no sentence but a label, and so short that it makes a page seem plainer than its sentences are."""
ALONE = 6
"""So many words have an index by themselves: of fewer one long word decides, as "therapists" would."""
SOME, SHORT = 3, 5
"""A list after a colon has some points, and each is short."""
NAME, _GAP = "Ann", "\0"
"""What stands for whatever was put in; and while it is taken out."""
PLAINER: Mapping[str, str] = {
    "attainment": "how far it has come",
    "additional": "more",
    "advise": "tell",
    "agency": "team",
    "appropriate": "right",
    "approximately": "about",
    "assist": "help",
    "attempt": "try",
    "authorise": "allow",
    "clinician": "doctor, nurse or therapist",
    "commence": "begin",
    "commissioner": "who pays for care",
    "complete": "fill in",
    "comply": "keep to",
    "concerning": "about",
    "consent": "what you allow",
    "consequently": "so",
    "contingency": "if things go wrong",
    "discharge": "going home",
    "ensure": "make sure",
    "facilitate": "help",
    "furthermore": "and",
    "hereby": "",
    "however": "but",
    "identify": "find",
    "implement": "do",
    "in accordance with": "by",
    "in order to": "to",
    "in respect of": "about",
    "inform": "tell",
    "initiate": "begin",
    "notify": "tell",
    "obtain": "get",
    "override": "emergency access",
    "permit": "allow",
    "prior to": "before",
    "provide": "give",
    "purchase": "buy",
    "pursuant": "by",
    "readiness": "what is ready",
    "regarding": "about",
    "relating to": "about",
    "relationship": "who they are to you",
    "request": "ask",
    "require": "need",
    "reside": "live",
    "residence": "home",
    "revoke": "stop",
    "subsequent": "next",
    "sufficient": "enough",
    "terminate": "end",
    "thereof": "of it",
    "transition": "move",
    "utilise": "use",
    "whom": "who",
    "withdraw": "stop",
}
"""Words to avoid, by what to say instead; each in all its forms."""
_BLOCK = re.compile(
    r"address|article|aside|blockquote|body|br|button|caption|dd|details|div|dl|dt|fieldset|footer|form|h[1-6]|header|hr"
    r"|label|legend|li|main|nav|ol|option|p|section|select|summary|table|td|textarea|th|title|tr|ul"
)
_UNREAD = frozenset({"script", "style"})
_END = re.compile(r"(?<=[.?!])[\u201d\u2019)]*\s+")
_QUOTED = re.compile('"[^"]*"')
_WORD = re.compile(r"\w+(?:[\u2019'-]\w+)*")


class _Blocks(HTMLParser):
    """The texts of a page that stand by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = [""]
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        self._end_of(tag)
        self.found += [said for name, said in attrs if name == "aria-label" and said]
        self._end_of(tag)

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        self._end_of(tag)

    def _end_of(self, tag: str) -> None:
        self.found += [""] if _BLOCK.fullmatch(tag) else []

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.found[-1] += data


def sentences(page: str, data: Iterable[str] = ()) -> list[str]:
    """The sentences of a page, each once. `data`: patterns of what was put in, which counts as one short name."""
    blocks = _Blocks()
    blocks.feed(page)
    put_in = re.compile("|".join(data) or r"(?!)")
    texts = (" ".join(put_in.sub(_GAP, block).replace("Error:", "").split()) for block in blocks.found)
    found = (one for text in texts for said in _END.split(text) for one in _listed(said))
    return list(dict.fromkeys(one.replace(_GAP, NAME) for one in found if words(one.replace(_GAP, ""))))


def _listed(sentence: str) -> list[str]:
    """A sentence; of one that is a list the beginning and its points, of one with a label the label and the rest."""
    begins, colon, rest = sentence.partition(": ")
    points = re.split(r", (?:and )?| and ", rest)
    if colon and len(points) >= SOME and all(len(words(point.replace(_GAP, NAME))) <= SHORT for point in points):
        return [begins, *points]
    return [begins, *_listed(rest)] if colon and len(words(begins)) < FEWEST else [sentence]


def words(sentence: str) -> list[str]:
    """The words of a sentence."""
    return _WORD.findall(sentence)


def level(some: Iterable[str]) -> int:
    """The index of some sentences, rounded up; of none 0."""
    counted = [said for said in map(words, some) if len(said) >= FEWEST]
    every = [word for said in counted for word in said]
    letters = sum(map(str.isalnum, "".join(every)))
    return ceil(4.71 * letters / len(every) + 0.5 * len(every) / len(counted) - 21.43) if every else 0


def hardest(some: Iterable[str]) -> list[str]:
    """The sentences that are harder than somebody of fourteen reads, with their index."""
    return [f"index {level([said])}: {said}" for said in some if len(words(said)) >= ALONE and level([said]) > FOURTEEN]


def hard(some: Iterable[str]) -> list[str]:
    """The sentences that are too long, and those with a word that has a plainer one; each with why.

    What stands in quotes is what something is called elsewhere, and may be said.
    """
    found = []
    for said in some:
        if len(words(said)) > MOST_WORDS:
            found.append(f"{len(words(said))} words: {said}")
        found += [f"{bad} (say: {good}): {said}" for bad, good in PLAINER.items() if _has(bad, _QUOTED.sub(NAME, said))]
    return found


def _has(bad: str, said: str) -> bool:
    stem = bad.removesuffix("e").removesuffix("y")
    forms = r"(?:e|es|ed|ing|s|y|ies|ied|d)?"
    return re.search(rf"\b{stem}{forms}\b", said, re.IGNORECASE) is not None
