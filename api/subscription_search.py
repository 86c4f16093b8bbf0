"""Searching among the few subscriptions of one owner: no index, a walk over what is theirs. FHIR R4 and R5 search.html.

An owner has a hundred at most, so a page is made in memory; `_page` is the id that the page before ended with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from api.fhir_asked import Asked
from db.subscriptions import Subscribed
from fhir_facade import exact
from fhir_facade.index import fold
from fhir_facade.notices import searchset
from fhir_facade.query import PAGE, counted, pairs_of
from fhir_facade.subscription_versions import shown
from fhir_facade.subscriptions import filters_of
from plan.problem import Fault, Problem, Trouble

Json = dict[str, Any]
_COUNT = 20
_ELSEWHERE = frozenset({"_format", "_pretty"})
_CONTROLS = frozenset({"_count", PAGE, "_total", "_sort"})


def _tokens(values: Iterable[Any]) -> Callable[[str], bool]:
    """Whether a token is one of these codes; a system before it is not looked at: there is one."""
    known = {str(value) for value in values}
    return lambda said: said.rpartition("|")[2] in known


def _start(values: Iterable[str]) -> Callable[[str], bool]:
    known = [fold(value) for value in values]
    return lambda said: any(value.startswith(fold(said)) for value in known)


class _By(NamedTuple):
    """One parameter: its family, its definition, and the test of one alternative for a subscription."""

    family: str
    definition: str
    test: Callable[[Json], Callable[[str], bool]]


_HL7 = "http://hl7.org/fhir/SearchParameter"
_BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/SearchParameter"
_BY: Mapping[str, _By] = {
    "_id": _By("token", f"{_HL7}/Resource-id", lambda one: _tokens([one["id"]])),
    "contact": _By(
        "token",
        f"{_HL7}/Subscription-contact",
        lambda one: _tokens(contact.get("value", "") for contact in one.get("contact", ())),
    ),
    "criteria": _By("string", f"{_HL7}/Subscription-criteria", lambda one: _start([one["criteria"]])),
    "filter-criteria": _By("string", f"{_BACKPORT}/Subscription-filter-criteria", lambda one: _start(filters_of(one))),
    "payload": _By("token", f"{_HL7}/Subscription-payload", lambda one: _tokens([one["channel"].get("payload", "")])),
    "status": _By("token", f"{_HL7}/Subscription-status", lambda one: _tokens([one["status"]])),
    "topic": _By("uri", f"{_BACKPORT}/Subscription-topic", lambda one: [one["criteria"]].__contains__),
    "type": _By("token", f"{_HL7}/Subscription-type", lambda one: _tokens([one["channel"]["type"]])),
    "url": _By("uri", f"{_HL7}/Subscription-url", lambda one: [one["channel"]["endpoint"]].__contains__),
}
"""The parameters of R4 and R5 and of the backport."""

OFFERED = tuple((name, row.definition, row.family) for name, row in _BY.items())
"""What the CapabilityStatement says of them."""


def page(asked: Asked, found: Sequence[Subscribed]) -> bytes:
    """A page of those that match, the newest first."""
    conditions, controls = _parsed(asked)
    pairs = [(one, exact.stored(one.fhir)) for one in found]
    hits = [one for one, face in pairs if all(_matches(face, name, text) for name, text in conditions)]
    count = counted(controls["_count"]) if "_count" in controls else _COUNT
    after = controls.get(PAGE, "")
    begin = next((at + 1 for at, one in enumerate(hits) if one.id == after), 0) if after else 0
    shown_now = hits[begin : begin + count]
    more = len(hits) > begin + count and count > 0
    applied = [*conditions, *((name, text) for name, text in controls.items() if name == "_count")]
    address = f"{asked.base}/Subscription"
    next_ = f"{address}?{urlencode([*applied, (PAGE, shown_now[-1].id)])}" if more else ""
    entries = [
        (f"{address}/{one.id}", exact.stored(shown(exact.stored(one.fhir), asked.version.name))) for one in shown_now
    ]
    return searchset(entries, len(hits), f"{address}?{urlencode(applied)}" if applied else address, next_)


def _parsed(asked: Asked) -> tuple[list[tuple[str, str]], dict[str, str]]:
    conditions, controls = [], {}
    strict = asked.preferred("handling") == "strict"
    for name, text in pairs_of(asked.query):
        if name in _CONTROLS:
            controls[name] = text
        elif name in _BY and text:
            conditions.append((name, text))
        elif text and name not in _ELSEWHERE and (strict or ":" in name):
            what = f"{name[:64]!r} is no search parameter of Subscription that is supported"
            mend = f"Search by {', '.join(_BY)}, without modifiers."
            raise Problem(Trouble.NOT_SUPPORTED, "", (Fault(what, mend=mend),))
    return conditions, controls


def _matches(face: Json, name: str, text: str) -> bool:
    test = _BY[name].test(face)
    return any(test(part) for part in text.split(","))
