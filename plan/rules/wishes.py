"""C15: a plan for an emergency that asks for what the person has refused in advance. Only clinicians learn of it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.rules.phrases import core, steps
from plan.rules.rule import Given, Hit, Row, Severity
from plan.rules.spans import ahead, said


def find(known: Known, given: Given) -> Iterator[Hit]:
    """Every emergency plan against every record of wishes that refuses what it asks for."""
    for plan in known.of("contingency"):
        asked = _asked(plan, given)
        for wishes in known.of("legal") if asked else ():
            refused = [*_treatments(wishes, known, asked), *_resuscitation(wishes, known, asked)]
            if refused:
                yield _hit(plan, wishes, asked, refused)


def wakes(known: Known, given: Given) -> Iterator[int]:
    """When a refusal begins or ends to hold."""
    for wishes in known.of("legal"):
        for refusal in wishes.body.get("advance_decisions", ()):
            days = (said(refusal.get(name), known.zone) for name in ("date", "withdrawn"))
            yield from ahead(known, *(day.low for day in days if day))


def _asked(plan: Entry, given: Given) -> Mapping[str, str]:
    """What the plan asks for, `full` or `resuscitation`, and in which words.

    Full treatment without a word on resuscitation is read as including it: that is what a crew would do.
    """
    body = plan.body
    lines = {core(step, given["about"].split()): step for text in _texts(body) for step in steps(text)}
    level, attempt = body.get("treatment"), body.get("resuscitation")
    both = _first(lines, given["both"]) if level is None and attempt is None else ""
    full = "full treatment" if level == "full_treatment" else _first(lines, given["full"]) if level is None else ""
    again = _first(lines, given["resuscitate"]) if attempt is None else ""
    again = "attempt resuscitation" if attempt == "attempt" else again
    spared = attempt == "do_not_attempt" or bool(_first(lines, given["spared"]))
    asked = {"full": full or both, "resuscitation": "" if spared else again or both or full}
    return {what: words for what, words in asked.items() if words}


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (body.get("plan_name", ""), *body.get("what_should_happen", ()))


def _first(lines: Mapping[str, str], phrases: Any) -> str:
    """A step that says one of the phrases and nothing else of weight: what is said around one may turn it about."""
    return next((lines[line] for line in lines if line in phrases), "")


def _treatments(wishes: Entry, known: Known, asked: Mapping[str, str]) -> Iterator[str]:
    for refusal in wishes.body.get("advance_decisions", ()) if "full" in asked else ():
        withdrawn = said(refusal.get("withdrawn"), known.zone)
        made = said(refusal.get("date"), known.zone)
        if (withdrawn is None or withdrawn.low > known.now) and (made is None or made.low <= known.now):
            yield f"refused in advance: {refusal.get('decision', 'a treatment')}"


def _resuscitation(wishes: Entry, known: Known, asked: Mapping[str, str]) -> Iterator[str]:
    decision = wishes.body.get("cpr_decision") or {}
    latest = max(known.of("legal"), key=lambda entry: _decided(entry, known))
    if "resuscitation" in asked and decision.get("decision") == "do_not_attempt" and latest == wishes:
        yield "resuscitation is not to be attempted"


def _decided(wishes: Entry, known: Known) -> tuple[bool, int]:
    """When a decision on resuscitation was made: the latest counts."""
    decision = wishes.body.get("cpr_decision")
    when = said((decision or {}).get("date"), known.zone)
    return decision is not None, when.low if when else wishes.at


def _hit(plan: Entry, wishes: Entry, asked: Mapping[str, str], refused: list[str]) -> Hit:
    wanted = ", ".join(dict.fromkeys(asked.values()))
    against = "; ".join(refused)
    return Hit(
        sides=(plan, wishes),
        says=(f"{plan.body.get('plan_name', 'Emergency plan')}: {wanted}", against),
        detail=f"The emergency plan says: {wanted}. The person's wishes say: {against}.",
        proposal="A clinician reads the signed paper, speaks with the person or their attorney, and corrects the plan.",
    )


ROW = Row(
    id="c15-emergency-wishes",
    title="Emergency plan against an advance refusal",
    find=find,
    reads={
        "contingency": ("plan_name", "what_should_happen", "treatment", "resuscitation"),
        "legal": ("advance_decisions", "cpr_decision"),
    },
    severity=Severity.CRITICAL,
    source="Coordination design C15; Mental Capacity Act 2005, sections 24 to 26; ReSPECT (levels of treatment)",
    owner="Clinical safety lead",
    since=date(2026, 1, 1),
    wakes=wakes,
    only=frozenset({"hospital", "gp_practice", "community_health"}),
    given={
        "about": "call ring dial phone 999 112 an ambulance and then for give start attempt please with to the hospital"
        " admit transfer take ask request if she he they wants want her him them is be",
        "full": frozenset(
            {
                "full treatment",
                "full active treatment",
                "full escalation",
                "all treatment",
                "all active treatment",
            }
        ),
        "resuscitate": frozenset({"resuscitation", "cpr", "resuscitate"}),
        "both": frozenset({"full treatment including cpr", "full treatment including resuscitation"}),
        "spared": frozenset(
            {
                "no cpr",
                "not cpr",
                "do not cpr",
                "no resuscitation",
                "not resuscitation",
                "do not resuscitation",
                "do not resuscitate",
                "dnacpr",
                "dnar",
            }
        ),
    },
)
