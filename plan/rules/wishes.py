"""C15: a plan for an emergency that asks for what the person has refused in advance. Only clinicians learn of it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from plan.known import Entry, Known
from plan.rules.phrases import clauses
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
    steps = {
        clause: step
        for step in (body.get("plan_name", ""), *body.get("what_should_happen", ()))
        for clause in clauses(step)
    }
    level, attempt = body.get("treatment"), body.get("resuscitation")
    full = "full treatment" if level == "full_treatment" else _first(steps, given["full"]) if level is None else ""
    again = (
        "attempt resuscitation"
        if attempt == "attempt"
        else _first(steps, given["resuscitate"])
        if attempt is None
        else ""
    )
    spared = attempt == "do_not_attempt" or bool(_first(steps, given["spared"]))
    asked = {"full": full, "resuscitation": "" if spared else again or full}
    return {what: words for what, words in asked.items() if words}


def _first(steps: Mapping[str, str], phrases: Any) -> str:
    """A clause that says one of the phrases and nothing else: what is said around one may turn it about."""
    return next((steps[clause] for clause in steps if clause in phrases), "")


def _treatments(wishes: Entry, known: Known, asked: Mapping[str, str]) -> Iterator[str]:
    for refusal in wishes.body.get("advance_decisions", ()) if "full" in asked else ():
        withdrawn = said(refusal.get("withdrawn"), known.zone)
        made = said(refusal.get("date"), known.zone)
        if (withdrawn is None or withdrawn.low > known.now) and (made is None or made.low <= known.now):
            yield f"refused in advance: {refusal['decision']}"


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
        "full": frozenset(
            {
                "full treatment",
                "for full treatment",
                "give full treatment",
                "full active treatment",
                "for full active treatment",
                "full escalation",
                "for full escalation",
                "all treatment",
                "all active treatment",
                "call 999 for full treatment",
                "call 999 and give full treatment",
            }
        ),
        "resuscitate": frozenset(
            {
                "attempt resuscitation",
                "attempt cpr",
                "for resuscitation",
                "for cpr",
                "start cpr",
                "give cpr",
                "call 999 and start cpr",
            }
        ),
        "spared": frozenset({"no cpr", "not for cpr", "no resuscitation", "not for resuscitation", "dnacpr"}),
    },
)
