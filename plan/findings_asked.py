"""Who else has a task about a finding: the person who knows the answer, the adviser, the coordinator who keeps watch.

The authors of the sides have theirs already (plan.findings). What is asked says nothing of what the entries say, and
whoever may not see the finding is not asked, unless the rule's row says so. Source: docs/coordination.md, section 4.
"""

from collections.abc import Iterator, Mapping

from plan.contradictions import row
from plan.findings import DONE, GONE, PRIORITY, SETTLED
from plan.known import HOUSE, Entry, Known, Want
from plan.model import AgencyId, Role, Section
from plan.rules.readers import reads
from plan.rules.rule import Ask

PERSON = "person"


def derive(known: Known) -> Iterator[Want]:
    """The tasks of those whom the rows of the rules name, open as long as their finding is."""
    for finding in known.of("finding"):
        rule = row(str(finding.body["rule"])) if finding.agency == HOUSE else None
        for ask in rule.asks if rule else ():
            if ask.to == PERSON:
                yield from _person(finding, ask, known)
            else:
                yield from _agencies(finding, ask, known)


def _person(finding: Entry, ask: Ask, known: Known) -> Iterator[Want]:
    """A task in the finding's own section, for whoever reads the finding: the person, where they do and live."""
    open_ = finding.restriction is None and Role.PERSON in known.readers.get(finding.section, frozenset())
    if open_ and not known.identity.get("died"):
        yield from _task(finding, ask, known, f"Patient/{known.person}", finding.section, None)


def _agencies(finding: Entry, ask: Ask, known: Known) -> Iterator[Want]:
    """A task for each agency of the kind, among the stays and discharges, which every agency reads."""
    authors = {side.agency for side in map(known.at, finding.body["sides"]) if side is not None}
    for agency in known.kinds(ask.to):
        if agency.id not in authors and (ask.unseen or reads(known, agency, finding)):
            only = frozenset({agency.id})
            yield from _task(finding, ask, known, agency.reference, Section.TRANSITIONS, only)


def _task(
    finding: Entry, ask: Ask, known: Known, who: str, section: Section, only: frozenset[AgencyId] | None
) -> Iterator[Want]:
    """One task, made anew each time that the finding is: what came of an earlier one does not count."""
    body = finding.body
    key = f"asked:{who}:{finding.id}:{body['identified']}"
    there = known.made(key)
    wanted: Mapping[str, object] | None = None
    if body["status"] == "open":
        wanted = {
            "what": ask.what,
            "who": {"reference": who},
            "status": "planned",
            "priority": PRIORITY[body["severity"]],
        }
        wanted |= {} if ask.unseen else {"focus": finding.reference}
        wanted = wanted if there is None else {**there.body, **wanted, "status": there.body["status"]}
    elif there is not None:
        over = {"status": "cancelled", "outcome": GONE} if body["status"] == "gone" else SETTLED
        wanted = there.body if there.body["status"] in DONE else {**there.body, **over}
    if wanted is not None:
        yield Want(key=key, kind="action", section=section, body=wanted, restriction=only, reason="A finding.")
