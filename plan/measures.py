"""The measures: how people fared, one row each, and how a figure is made of what the store has counted.

Source: coordination scenarios, section 5. A row says what is counted, in which unit, by which dimensions, and what
keeps the number honest. The store counts (db.measures); the statistics are in plan.outcomes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import groupby
from typing import Final

from plan.outcomes import FEWEST, Asked, Step, answered, attainment, curve, days, rounded, thinned, wilson

NAMED: Final = ("estate", "hospital", "agency")
"""What a measure may be asked by, beside the person and the pair of agencies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted of one group. `group`: by which words; `counts`: numbers by name."""

    group: Mapping[str, str]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number. `total`: of how many; `count`: how many of them, where that is asked; both None where suppressed.

    `value` in the unit of the measure, `low` and `high` its 95 % interval; empty where there is none. `more`: further
    numbers by name, as text. `curve`: of waits, which share still waits.
    """

    group: Mapping[str, str]
    total: int | None
    count: int | None = None
    value: str = ""
    low: str = ""
    high: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    curve: Sequence[Step] = ()
    suppressed: bool = False


Make = Callable[[Mapping[str, str], Sequence[Tally]], Figure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure. `by`: the words that a figure is of, in the order in which they are told."""

    name: str
    title: str
    definition: str
    unit: str
    by: tuple[str, ...]
    guard: str
    source: str
    make: Make


def figures(measure: Measure, tallies: Iterable[Tally], *, fewest: int = 0) -> list[Figure]:
    """The figures of what was counted, in the order of their groups. `fewest`: smaller numbers are suppressed."""

    def group(tally: Tally) -> tuple[str, ...]:
        return tuple(tally.group.get(name, "") for name in measure.by)

    made = []
    for words, some in groupby(sorted(tallies, key=group), key=group):
        figure = measure.make(dict(zip(measure.by, words, strict=True)), list(some))
        made.append(_told(figure, fewest))
    return made


def _told(figure: Figure, fewest: int) -> Figure:
    """The figure, or only that there is one: a few could be recognised, and so could the few who are left."""
    total, count = figure.total or 0, figure.count
    small = [total] if count is None else [total, count, total - count]
    if any(0 < number < fewest for number in small):
        return Figure(group=figure.group, total=None, suppressed=True)
    return replace(figure, curve=thinned(figure.curve, total, fewest), more=_beside(figure.more, fewest))


def _beside(more: Mapping[str, str], fewest: int) -> Mapping[str, str]:
    """What is told beside a figure: of its counts all or none, for one that is small follows from the others."""
    counts = {name: int(said) for name, said in more.items() if said.isdecimal()}
    if not any(0 < number < fewest for number in counts.values()):
        return more
    return {name: said for name, said in more.items() if name not in counts}


def _sum(tallies: Iterable[Tally], name: str) -> int:
    return sum(tally.counts.get(name, 0) for tally in tallies)


def _share(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    total, count = _sum(tallies, "total"), _sum(tallies, "count")
    interval = wilson(count, total)
    assert interval is not None
    low, high = (rounded(Fraction(end), 4) for end in (interval.low, interval.high))
    return Figure(
        group=group,
        total=total,
        count=count,
        value=rounded(Fraction(count, total), 4),
        low=low,
        high=high,
        more=_more(tallies),
    )


def _more(tallies: Sequence[Tally]) -> dict[str, str]:
    """Every further number that was counted, added up."""
    names = dict.fromkeys(name for tally in tallies for name in tally.counts if name not in ("total", "count"))
    return {name: str(_sum(tallies, name)) for name in sorted(names)}


def _wait(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    """Of questions that are alike in all, `count` of them; a clock of no length is over when it is asked."""
    asked = [
        Asked(
            sent=0,
            due=one.counts["clock"],
            answered=one.counts["took"] if one.counts["ended"] else None,
            seen=one.counts["took"],
        )
        for one in tallies
        for _ in range(one.counts["count"])
    ]
    found = answered(asked)
    more = {"unanswered": str(found.unanswered)}
    for name, value in (("median_hours", found.median), ("p90_hours", found.p90)):
        more[name] = "" if value is None else rounded(Fraction(value, 3_600_000), 2)
    steps = curve([one.took for one in asked])
    return Figure(group=group, total=found.asked, value=rounded(found.inside, 4), more=more, curve=steps)


def _covered(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    """Person-days of person-days."""
    there, eligible = _sum(tallies, "covered"), _sum(tallies, "eligible")
    more = {"days": rounded(days(there), 1), "days_eligible": rounded(days(eligible), 1)}
    value = rounded(Fraction(there, eligible), 4) if eligible else ""
    return Figure(group=group, total=_sum(tallies, "people"), value=value, more=more)


def _days(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    """Person-days of so many people."""
    return Figure(group=group, total=_sum(tallies, "people"), value=rounded(days(_sum(tallies, "covered")), 1))


def _home(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    """Mean days of ninety."""
    total = _sum(tallies, "total")
    return Figure(group=group, total=total, value=rounded(days(_sum(tallies, "home")) / total, 1))


def _attained(group: Mapping[str, str], tallies: Sequence[Tally]) -> Figure:
    """The mean T score of people, each by their own goals and weights."""
    total, tenths = 0, 0
    for one in tallies:
        score = attainment(*(one.counts[name] for name in ("goals", "weights", "squares", "weighted")))
        if score is not None:
            total += one.counts["people"]
            tenths += score * one.counts["people"]
    goals = sum(one.counts["goals"] * one.counts["people"] for one in tallies)
    own = sum(one.counts["own"] * one.counts["people"] for one in tallies)
    value = rounded(Fraction(tenths, 10 * total), 1) if total else ""
    more = {"goals": str(goals), "scored_by_the_person": str(own), "scored_by_staff": str(goals - own)}
    return Figure(group=group, total=total, value=value, more=more)


_SOURCE: Final = "Coordination scenarios, section 5"
_DEPARTURES: Final = ("estate", "hospital")

MEASURES: Mapping[str, Measure] = {
    row.name: row
    for row in (
        Measure(
            name="failed_discharges",
            title="Failed discharges",
            definition="Departures from hospital that failed within 7 days (turned back, no package, back within"
            " 48 hours or 7 days, emergency respite), of all departures, by month of the departure.",
            unit="share, with a 95 % Wilson interval",
            by=("month", *_DEPARTURES),
            guard="Every failure counts, whatever its reasons; how the gate stood at departure is shown beside it.",
            source=f"{_SOURCE}; scenario D9",
            make=_share,
        ),
        Measure(
            name="ready_at_departure",
            title="Ready at departure",
            definition="Departures at which the gate was ready, of all departures.",
            unit="share, with a 95 % Wilson interval",
            by=_DEPARTURES,
            guard="Stale and unknown are not ready; departures by an override are counted apart.",
            source=f"{_SOURCE}; scenarios D4 and D8",
            make=_share,
        ),
        Measure(
            name="time_to_acknowledge",
            title="Time to acknowledge",
            definition="How long a message waits until its team takes it on (median and 90th percentile in hours),"
            " and the share that is taken on inside its clock, by urgency and receiving role.",
            unit="share inside the clock",
            by=("urgency", "role", "agency"),
            guard="What is not acknowledged is censored (Kaplan-Meier), never dropped; seen is not acknowledged.",
            source=f"{_SOURCE}; scenarios F1 and F2",
            make=_wait,
        ),
        Measure(
            name="medical_input",
            title="Medical input",
            definition="Person-days on which a clinician's sign-off of the social-care section stands, no material"
            " change having come after it, of person-days on which one is needed: from seven days after the first"
            " service on, for somebody with a diagnosis, a medicine or a stay.",
            unit="share of person-days",
            by=("estate",),
            guard="Opening a page is no sign-off; a later change ends it.",
            source=f"{_SOURCE}; scenarios M1 to M3",
            make=_covered,
        ),
        Measure(
            name="goal_attainment",
            title="Goal attainment",
            definition="Goal Attainment Scaling: the mean of people's T scores, weighted by the importance that each"
            " goal has to the person; 50 is as hoped for. Goals without an importance or a score are not in it.",
            unit="T score",
            by=("estate",),
            guard="Who scored is shown: the person or theirs, or staff.",
            source=f"{_SOURCE}; Kiresuk and Sherman 1968",
            make=_attained,
        ),
        Measure(
            name="contradiction_days",
            title="Contradiction days",
            definition="Person-days with at least one open finding of high or critical severity.",
            unit="person-days",
            by=("estate",),
            guard="Days are counted once, however many findings stand open.",
            source=f"{_SOURCE}; section 4",
            make=_days,
        ),
        Measure(
            name="told_once",
            title="Told once",
            definition="Departures of which the person or their carer had said at least 24 hours before that they"
            " know the date, and had a named contact, of all departures.",
            unit="share, with a 95 % Wilson interval",
            by=_DEPARTURES,
            guard="Their own answer counts, no tick by staff.",
            source=_SOURCE,
            make=_share,
        ),
        Measure(
            name="days_at_home",
            title="Days at home",
            definition="90 less the days in hospital in the 90 days after a departure, on average; a departure counts"
            " when its 90 days are over.",
            unit="days",
            by=_DEPARTURES,
            guard="Days in hospital count once, whichever hospital; respite counts where it is recorded as a stay.",
            source=_SOURCE,
            make=_home,
        ),
        Measure(
            name="interfaces",
            title="Interfaces",
            definition="What one agency asks of another (items of a discharge, messages, instructions): how long until"
            " it is answered, and the share that is answered by its due time, by pair of agencies.",
            unit="share inside the clock",
            by=("from", "to"),
            guard="What is not answered is censored, never dropped; who could help whom is shown, not who is to blame.",
            source=_SOURCE,
            make=_wait,
        ),
    )
}
"""The measures by name."""
SMALL: Final = FEWEST
"""What is suppressed for who works with nobody: numbers from one to less than this."""
