"""When a contradiction rule is to be asked again though nothing changes, and what its rows of awards insist on."""

from dataclasses import replace
from datetime import date

import pytest

from plan.contradictions import row
from plan.rules.benefits import AWARDS, counted, sourced
from plan.rules.rule import RuleError
from plan.rules.spans import tomorrow
from tests.support.contradictions import moment, read

NOW = "now 2026-03-04 10:00\nNO | a case\n"
MOMENTS = [
    ("c12-telecare", "HA1 housing  scheme Larch Court", []),
    ("c12-telecare", "HA1 housing  telecare.switched_on 2026-03-09", ["2026-03-09 00:00"]),
    ("c13-housing-action", "RX1 stay  admitted 2026-03-02; planned_discharge 2026-03-06", ["2026-03-05 00:00"]),
    (
        "c13-housing-action",
        "RX1 stay  status finished; admitted 2026-02-20; discharged 2026-03-01",
        ["2026-03-09 00:00"],
    ),
    ("c13-housing-action", "RX1 stay  status finished; admitted 2026-01-20; discharged 2026-02-01", []),
    ("c14-benefits", "RX1 stay  admitted 2026-03-02", ["2026-03-05 00:00"]),
    ("c14-benefits", "RX1 stay  status planned; admitted 2026-03-20", []),
    ("c15-emergency-wishes", "LA1 legal  advance_decisions Drip 2024-05-01 withdrawn 2026-04-01", ["2026-04-01 00:00"]),
    ("c15-emergency-wishes", "LA1 legal  advance_decisions Ventilation 2026-03-11", ["2026-03-11 00:00"]),
    ("c15-emergency-wishes", "LA1 legal  other Nothing", []),
    (
        "c16-consent",
        "LA1 consent  decision deny; to HA1; sections health; start 2026-03-11; end 2026-04-30",
        ["2026-03-11 00:00", "2026-05-01 00:00"],
    ),
    ("c16-consent", "LA1 consent  decision deny; to HA1; sections health", []),
    ("c18-assessment", "LA1 assessment  instrument A; date 2026-03-11", ["2026-03-11 00:00", "2026-04-09 00:00"]),
    ("c18-assessment", "LA1 assessment  instrument A; date 2026-02-20", ["2026-03-21 00:00"]),
    ("c18-assessment", "LA1 assessment  instrument A", []),
    ("c19-goal", "HC1 service  period .. 2026-03-28; goals Goal/e9", ["2026-03-29 00:00"]),
    ("c19-goal", "HC1 service  needs Condition/e9", []),
    ("c19-goal", "HC1 service  period .. 2026-03-28", []),
]


@pytest.mark.parametrize("rule, line, moments", MOMENTS)
def test_a_rule_names_the_moments_at_which_its_answer_may_change(rule: str, line: str, moments: list[str]) -> None:
    asked, [case] = row(rule), read(f"{NOW}  {line}", rule)
    assert asked is not None
    assert asked.wakes is not None
    assert sorted(asked.wakes(case.known(), asked.given)) == [moment(one) for one in moments]


@pytest.mark.parametrize(
    "now, then",
    [
        ("2026-03-04 23:59", "2026-03-05 00:00"),
        ("2026-03-28 12:00", "2026-03-29 00:00"),
        ("2026-03-29 12:00", "2026-03-30 00:00"),
        ("2026-10-25 12:00", "2026-10-26 00:00"),
    ],
)
def test_the_next_day_begins_at_midnight_at_home(now: str, then: str) -> None:
    [case] = read(f"now {now}\nNO | a case", "days")
    assert tomorrow(case.known()) == moment(then)


@pytest.mark.parametrize(
    "now, stays, days",
    [
        ("2026-03-30 10:00", ["admitted 2026-03-02"], 28),
        (
            "2026-03-21 10:00",
            ["status finished; admitted 2026-02-10; discharged 2026-02-20", "admitted 2026-03-02"],
            28,
        ),
        ("2026-03-02 10:00", ["admitted 2026-03-02"], 0),
        ("2026-03-03 10:00", ["admitted 2026-03-02"], 1),
        ("2026-03-30 10:00", [], 0),
    ],
)
def test_days_in_hospital_are_counted_as_the_regulations_do(now: str, stays: list[str], days: int) -> None:
    lines = "".join(f"  RX1 stay  {stay}\n" for stay in stays)
    [case] = read(f"now {now}\nNO | a case\n{lines}", "days")
    assert counted(case.known(), 28) == days


@pytest.mark.parametrize("change", [{"source": " "}, {"owner": ""}, {"since": None}])
def test_an_award_without_source_owner_or_dates_stops_the_service(change: dict[str, object]) -> None:
    with pytest.raises(RuleError, match=AWARDS[0].title):
        sourced(replace(AWARDS[0], **change))  # type: ignore[arg-type]


def test_an_award_holds_from_its_first_day_to_its_last() -> None:
    award = replace(AWARDS[0], since=date(2026, 1, 1), until=date(2026, 12, 31))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [award.holds(day) for day in days] == [False, True, True, False]


def test_a_later_warning_is_another_finding() -> None:
    benefits = row("c14-benefits")
    assert benefits is not None
    marks = set()
    for now in ("2026-03-16", "2026-03-20", "2026-03-23", "2026-03-29", "2026-04-20"):
        [case] = read(f"now {now} 10:00\nNO | a case\n  RX1 stay  admitted 2026-03-02", "marks")
        [hit] = case.hits(benefits)
        marks.add(hit.mark)
        assert "adviser" in hit.proposal
    assert marks == {"day-14", "day-21", "day-27"}
