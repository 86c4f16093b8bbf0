"""D3 as a property: over random histories no confirmation counts that is older than what it was given for.

The history is moves of the date, answers, new and changed equipment, other wards, ends and returns, with the service's
hand coming by now and then. A second, plain reading of the history says what may count.
"""

from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan.discharge_facts import stays
from plan.discharge_gate import GateState, gate
from plan.discharge_items import DONE
from plan.discharge_table import CODES
from plan.discharge_writing import Attempt, settled
from plan.known import Known
from plan.model import AgencyId
from plan.problem import Problem
from tests.support.plans_known import changed, entry, known, reconciled, stay

DATES = ("2026-03-06T14:00:00Z", "2026-03-05T11:00:00Z", "2026-03-07T09:30:00Z")
ANSWERED = tuple(CODES)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.sampled_from(DATES)),
        st.tuples(st.just("answer"), st.sampled_from(ANSWERED)),
        st.tuples(st.just("answer"), st.sampled_from(ANSWERED)),
        st.tuples(st.just("bed"), st.sampled_from(["ordered", "tested"])),
        st.tuples(st.just("ward"), st.sampled_from(["Ward 7", "Ward 9"])),
        st.tuples(st.just("hand"), st.just("")),
    ),
    min_size=1,
    max_size=40,
)


@dataclass
class History:
    """What happened, and what a plain reading of it makes of each answer. Moments in milliseconds."""

    plan: Known
    moved: int = 0
    given: dict[str, int] = field(default_factory=dict)
    wards: dict[str, str] = field(default_factory=dict)
    beds: int = 0
    bed_changed: int = 0
    bed_tested: bool = True

    def do(self, what: str, which: str) -> None:
        self.plan = replace(self.plan, now=self.plan.now + 60_000)
        getattr(self, f"_{what}")(which)

    def _write(self, **body: str) -> None:
        one = next(self.plan.of("stay"))
        attempt = Attempt(
            body={**one.body, **body}, before=one, subject="ward", agency=AgencyId("RX1"), role="clinician"
        )
        self.plan = changed(self.plan, one, **settled(self.plan, "stay", attempt))

    def _move(self, date: str) -> None:
        if date != next(self.plan.of("stay")).body.get("planned_discharge"):
            self.moved = self.plan.now
        self._write(planned_discharge=date)

    def _ward(self, ward: str) -> None:
        self._write(ward=ward)

    def _bed(self, status: str) -> None:
        self.beds += 1
        self.bed_changed, self.bed_tested = self.plan.now, self.bed_tested and status == "tested"
        one = entry("equipment", f"bed{self.beds}", item="Bed", status=status)
        one = replace(one, created=self.plan.now)
        self.plan = replace(self.plan, entries={**self.plan.entries, one.id: one})

    def _hand(self, _: str) -> None:
        self.plan, _wake = reconciled(self.plan)

    def _answer(self, code: str) -> None:
        found = [one for one in self.plan.of("readiness") if one.body["item"] == code]
        for one in found:
            body = {**one.body, "status": "confirmed"}
            attempt = Attempt(body=body, before=one, subject="them", agency=one.agency, role="worker")
            try:
                self.plan = changed(self.plan, one, **settled(self.plan, "readiness", attempt))
            except Problem:
                continue
            self.given[code], self.wards[code] = self.plan.now, self._in()

    def _in(self) -> str:
        return str(next(self.plan.of("stay")).body["ward"])

    def may_count(self, code: str) -> bool:
        """Whether an answer was given after all that it depends on, read off the history alone."""
        given, row = self.given.get(code), CODES[code]
        if given is None or (row.by_time and given < self.moved):
            return False
        if code == "equipment.installed" and (given < self.bed_changed or not self.bed_tested):
            return False
        if code.startswith("hospital.") and self.wards[code] != self._in():
            return False
        return all(self.may_count(before) and self.given[before] <= given for before in row.after)


@given(steps)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_d3_no_confirmation_older_than_what_it_depended_on_ever_counts(steps):
    housing = entry("housing", "h1", household="Lives alone")
    bea = entry("contact", "bea", name="Bea", roles=["unpaid_carer"])
    history = History(known("2026-03-04T14:00:00Z", stay(DATES[0], ward="Ward 7"), housing, bea))
    history.moved = history.plan.now
    history.do("hand", "")
    for what, which in steps:
        history.do(what, which)
        (now,) = stays(history.plan)
        shown = gate(history.plan, now)
        counted = {one.code for one in shown.items if one.state in DONE}
        assert not {code for code in counted if not history.may_count(code)}
        if shown.state is GateState.READY:
            assert all(history.may_count(one.code) for one in shown.items if one.blocking)


def test_d3_the_property_can_fail_and_can_hold():
    history = History(known("2026-03-04T14:00:00Z", stay(DATES[0], ward="Ward 7")))
    history.moved = history.plan.now
    history.do("hand", "")
    for code in CODES:
        history.do("answer", code)
    history.do("answer", "gp.reconciled")
    (now,) = stays(history.plan)
    assert gate(history.plan, now).state is GateState.READY
    history.do("move", DATES[1])
    assert not history.may_count("social_care.package")
    assert history.may_count("housing.access")
