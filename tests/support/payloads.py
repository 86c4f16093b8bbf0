"""Five hundred texts that would run in a careless page, made from parts, and entries that hold them everywhere.

A payload is a way out of where a text stands, something that runs, and a disguise. Each calls window.alert.
"""

from collections.abc import Callable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import cycle, product
from typing import Any

from plan.kinds.types import ACTIVE

COUNT = 500
LINE = 255
_OUT = ("", '">', "'>", "</textarea>", "</title>", "</dd></dl>", "-->", "]]>", "{{7*7}}", '\\">', "</script>", "`>")
_RUNS = (
    "<img src=x onerror={js}>",
    "<svg onload={js}>",
    "<script>{js}</script>",
    '<a href="javascript:{js}">look</a>',
    "<details open ontoggle={js}>",
    "<input autofocus onfocus={js}>",
    '" onmouseover="{js}" autofocus onfocus="{js}" x="',
    "' onclick='{js}' autofocus onfocus='{js}' x='",
    "javascript:{js}",
    "<body onload={js}>",
    "<video><source onerror={js}></video>",
    '<form action="javascript:{js}"><button autofocus>go</button></form>',
    '<iframe srcdoc="&lt;script>{js}&lt;/script>"></iframe>',
    '<math><maction href="javascript:{js}">look</maction></math>',
    "<style>*{{background:url(javascript:{js})}}</style>",
    '<meta http-equiv="refresh" content="0;url=javascript:{js}">',
    "<base href=javascript:{js}//>",
    "<object data=javascript:{js}></object>",
    "{{{{ ''.constructor.constructor('{js}')() }}}}",
    "${{{js}}}",
    "<button popovertarget=x onbeforetoggle={js}>x</button>",
    "<marquee onstart={js}>x</marquee>",
)
_CALLS = ("alert(1)", "window['alert'](1)", "top.alert`1`", "(alert)(1)", "setTimeout`alert\\x281\\x29`")
_MASKS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: text.replace("img", "iMg").replace("svg", "SvG").replace("script", "sCrIpT"),
    lambda text: text.replace("alert", "&#97;lert"),
    lambda text: text.replace(" on", "/on"),
    lambda text: text.replace(" on", "\ton").replace("javascript:", "java&Tab;script:"),
)


def payloads() -> tuple[str, ...]:
    """All of them, each other than the rest, none longer than a line may be."""
    every = [out + run.format(js=js) for out, run, js in product(_OUT, _RUNS, _CALLS)]
    masked = dict.fromkeys(mask(text) for mask, text in zip(cycle(_MASKS), every, strict=False))
    step = len(masked) / COUNT
    return tuple(list(masked)[int(number * step)] for number in range(COUNT))


def is_taken(payload: str) -> bool:
    """Whether the service takes it as a text; the others it refuses (plan.kinds.types)."""
    return not ACTIVE.search(payload)


def lines(texts: Sequence[str]) -> list[str]:
    """Several of them together, as many as fit into one line of an entry."""
    made: list[str] = []
    for text in texts:
        if made and len(made[-1]) + len(text) < LINE:
            made[-1] += f" {text}"
        else:
            made.append(text)
    return made


ENTRIES: Sequence[tuple[str, str, str, dict[str, Any]]] = (
    ("HC1", "social_care", "message", {"text": "%", "topic": {"text": "%"}, "sender": {"name": "%"}, "status": "sent"}),
    (
        "HC1",
        "social_care",
        "message",
        {
            "text": "%",
            "concern": {"text": "%"},
            "urgency": "soon",
            "status": "sent",
            "to": [{"reference": "Organization/P10001", "name": "%"}],
        },
    ),
    ("LA1", "social_care", "need", {"need": "%", "own_words": "%", "note": "%", "status": "active"}),
    ("LA1", "social_care", "goal", {"goal": "%", "own_words": "%", "note": "%", "status": "active"}),
    ("LA1", "social_care", "action", {"what": "%", "status": "planned", "note": "%", "who": {"name": "%"}}),
    ("HC1", "social_care", "service", {"service": "%", "status": "active", "provider": {"name": "%"}, "note": "%"}),
    ("P10001", "health", "medicine", {"medicine": "%", "status": "active", "note": "%"}),
    ("P10001", "health", "allergy", {"substance": "%", "status": "active", "note": "%"}),
    (
        "RX1",
        "health",
        "instruction",
        {"text": "%", "topic": "fluids", "action": "restrict", "status": "active", "note": "%"},
    ),
    ("LA1", "about_me", "contact", {"name": "%", "relationship": "%"}),
    ("LA1", "about_me", "about_me", {"most_important": "%", "communication": "%", "please_do_and_dont": "%"}),
    ("HA1", "housing", "housing", {"scheme": "%", "household": "%"}),
    (
        "RX1",
        "transitions",
        "referral",
        {"referral": "%", "note": "%", "status": "active", "to": {"reference": "Organization/LA1", "name": "%"}},
    ),
)
"""Agency, section, kind and body of what is written; each % holds a payload of its own."""


def filled(body: Any, texts: Iterator[str]) -> Any:
    """A body with a text of its own for each %."""
    if isinstance(body, dict):
        return {name: filled(value, texts) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, texts) for value in body]
    return next(texts) if body == "%" else body


_LEADS = ("href", "src", "action", "formaction", "srcdoc", "data", "xlink:href", "poster")
# Pictures are drawn as svg; what would run in one is an attribute.
_RUNNING = ("iframe", "object", "embed", "base", "style", "math", "video", "marquee", "frame")


class Ran(HTMLParser):
    """What of a page would run, or could, and is none of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        bad = [name for name in said if name.startswith("on") or name == "style"]
        bad += [name for name in _LEADS if name in said and _leads_wrong(said[name])]
        if tag in _RUNNING or (tag == "meta" and "http-equiv" in said):
            bad.append("the element itself")
        if tag == "script" and not said.get("src", "").startswith("/care/assets/"):
            bad.append("a script that is not ours")
        self.found += [f"<{tag}> {one}: {said.get(one, '')}" for one in bad]


def _leads_wrong(address: str) -> bool:
    plain = "".join(address.split()).lower()
    return plain.startswith(("javascript:", "data:", "vbscript:", "//"))


def ran(html: str) -> list[str]:
    """What of a page would run and is not ours."""
    made = Ran()
    made.feed(html)
    made.close()
    return made.found
