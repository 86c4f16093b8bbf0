"""A MeasureReport says what was counted, what was not, and what may not be told."""

import pytest

from fhir_facade.measure_report import named, report
from plan.measures import MEASURES, Figure

PERIOD = {"start": "2026-03-01", "end": "2026-03-31"}
ESTATE = {"estate": "100000000001"}
STRATA = [
    (Figure(group=ESTATE, total=20, count=5, value="0.25"), "0.25", {"denominator": 20, "numerator": 5}),
    (Figure(group=ESTATE, total=7), None, {"initial-population": 7}),
    (Figure(group=ESTATE, total=None, suppressed=True), "masked", {}),
]


@pytest.mark.parametrize("figure,score,counts", STRATA)
def test_a_stratum_has_its_score_where_there_is_one(figure, score, counts):
    measure = next(iter(MEASURES.values()))
    made = report(measure, [figure], PERIOD, "2026-04-01")
    assert (made["type"], "subject" in made, named(made["measure"])) == ("summary", False, measure.name)
    (stratum,) = made["group"][0]["stratifier"][0]["stratum"]
    said = stratum.get("measureScore", {})
    assert (str(said["value"]) if "value" in said else said.get("extension", [{}])[0].get("valueCode")) == score
    found = {one["code"]["coding"][0]["code"]: one["count"] for one in stratum.get("population", ())}
    assert found == counts


def test_nobody_counted_is_a_group_without_strata():
    measure = next(iter(MEASURES.values()))
    made = report(measure, [], PERIOD, "2026-04-01", "Patient/p")
    assert (made["type"], made["subject"]) == ("individual", {"reference": "Patient/p"})
    assert "stratifier" not in made["group"][0]
