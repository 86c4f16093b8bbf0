"""The statistics of the measures: how people fared, in numbers that nobody can improve by leaving somebody out.

Pure functions over counts and spans; everything that can be exact is exact (whole numbers and fractions) and is rounded
once, at the end. Which people and moments are counted is the store's matter (db.measures).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import isqrt, sqrt
from typing import Final

Z95: Final = 1.959963984540054
"""The 97.5th percentile of the normal distribution: two-sided 95 %."""
FEWEST: Final = 5
"""A number of people or events below this is not shown to who is not a member of their teams (coordination.md 5)."""
DAY: Final = 86_400_000
HALF, TENTH = Fraction(1, 2), Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Interval:
    """From low to high, both between 0 and 1."""

    low: float
    high: float


def wilson(successes: int, total: int, z: float = Z95) -> Interval | None:
    """Wilson's score interval for a proportion; None of nobody. Raises ValueError for more successes than trials.

    Source: Wilson EB. Probable inference, the law of succession, and statistical inference. J Am Stat Assoc 1927;22.
    """
    if not 0 <= successes <= total:
        raise ValueError("there are at least none and at most all")
    if not total:
        return None
    share, square = successes / total, z * z
    middle = share + square / (2 * total)
    half = z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    # At the ends the exact bound is 0 or 1; a rounding error of the root must not step over it.
    low = 0.0 if successes == 0 else (middle - half) / scale
    high = 1.0 if successes == total else (middle + half) / scale
    return Interval(low, high)


@dataclass(frozen=True, slots=True)
class Waited:
    """How long something took, or has taken so far: `ended` False says that it is not over (censored)."""

    time: Fraction
    ended: bool


def survival(waits: Iterable[Waited]) -> Iterator[tuple[Fraction, Fraction]]:
    """The Kaplan-Meier curve: at each time at which something ended, the share that takes longer.

    Who is censored at a time counts as waiting until after it. Source: Kaplan EL, Meier P. Nonparametric estimation
    from incomplete observations. J Am Stat Assoc 1958;53.
    """
    ordered = sorted(waits, key=lambda wait: wait.time)
    waiting, share = len(ordered), Fraction(1)
    for time, group in groupby(ordered, key=lambda wait: wait.time):
        there = list(group)
        ended = sum(wait.ended for wait in there)
        if ended:
            share *= 1 - Fraction(ended, waiting)
            yield time, share
        waiting -= len(there)


HOUR: Final = 3_600_000
TIMES: Final = (1, 2, 4, 8, 12, 24, 48, 72, 120, 168, 336)
"""The hours at which a curve is told: at no other moment could a single answer be recognised."""


@dataclass(frozen=True, slots=True)
class Step:
    """A point of a curve: after so many hours, which share still waits, and how many have ended until then."""

    hours: int
    left: Fraction
    ended: int


def curve(waits: Sequence[Waited]) -> list[Step]:
    """The Kaplan-Meier curve of waits in milliseconds at TIMES, as far as anybody was waited for that long."""
    shares = list(survival(waits))
    longest = max((wait.time for wait in waits), default=Fraction(0))
    found = []
    for hours in TIMES:
        limit = Fraction(hours * HOUR)
        left = next((share for time, share in reversed(shares) if time <= limit), Fraction(1))
        if limit <= longest or not left:
            found.append(Step(hours, left, sum(wait.ended and wait.time <= limit for wait in waits)))
        if not left:
            break
    return found


def thinned(steps: Iterable[Step], total: int, fewest: int) -> list[Step]:
    """A curve of `total` waits without the steps that fewer than `fewest` made, or left."""
    kept: list[Step] = []
    for step in steps:
        before = kept[-1].ended if kept else 0
        if not any(0 < number < fewest for number in (step.ended - before, total - step.ended)):
            kept.append(step)
    return kept


def quantile(waits: Iterable[Waited], left: Fraction) -> Fraction | None:
    """The first time at which the share that still waits is `left` or less; None where too many never ended.

    The median: HALF left. The 90th percentile: a TENTH left.
    """
    return next((time for time, share in survival(waits) if share <= left), None)


def within(waits: Iterable[Waited], limit: Fraction) -> Fraction:
    """The share of which it is over by `limit`, that time included; 0 of nothing."""
    shares = [share for time, share in survival(waits) if time <= limit]
    return 1 - shares[-1] if shares else Fraction(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with a clock, moments in milliseconds: asked at, due at, answered at (None: not yet), looked at."""

    sent: int
    due: int
    answered: int | None
    seen: int

    @property
    def took(self) -> Waited:
        """How many milliseconds."""
        answered = self.answered is not None and self.answered <= self.seen
        end = self.answered if self.answered is not None and answered else self.seen
        return Waited(Fraction(max(end - self.sent, 0)), answered)

    @property
    def of_its_clock(self) -> Waited:
        """The same, in clocks: 1 is the moment at which it was due. So questions with unlike clocks are one curve."""
        took = self.took
        return Waited(took.time / max(self.due - self.sent, 1), took.ended)


@dataclass(frozen=True, slots=True)
class Answered:
    """How long answers take, in whole milliseconds, and which share came inside its clock; None: not reached."""

    asked: int
    unanswered: int
    median: int | None
    p90: int | None
    inside: Fraction


def answered(questions: Sequence[Asked]) -> Answered:
    """The time to an answer. What is unanswered is censored, never dropped: nobody looks faster by not answering."""
    took = [question.took for question in questions]
    median, p90 = quantile(took, HALF), quantile(took, TENTH)
    return Answered(
        asked=len(took),
        unanswered=sum(not wait.ended for wait in took),
        median=None if median is None else int(median),
        p90=None if p90 is None else int(p90),
        inside=within([question.of_its_clock for question in questions], Fraction(1)),
    )


def attainment(count: int, weights: int, squares: int, weighted: int) -> int | None:
    """The Goal Attainment Scaling T score in tenths, rounded exactly, halves away from 50; None where nothing weighs.

    T = 50 + 10 Σwx / √(0.7 Σw² + 0.3 (Σw)²) of `count` goals with weights w (the person's own importance, 1 to 10) and
    scores x (-2 to +2): `weights` Σw, `squares` Σw², `weighted` Σwx. Source: Kiresuk TJ, Sherman RE. Goal attainment
    scaling. Community Ment Health J 1968;4, with their correlation of 0.3 between goals.
    """
    if not count or not weights:
        return None
    tenfold = 7 * squares + 3 * weights * weights
    # 100 Σwx / √(tenfold / 10), squared: its root to the nearest whole number, without a decimal that could be wrong.
    away = (isqrt(400_000 * weighted * weighted // tenfold) + 1) // 2
    return 500 + away if weighted >= 0 else 500 - away


def shown(number: int, fewest: int = FEWEST) -> int | None:
    """A number that may be told: None where it is small and not nothing, because it could be recognised as somebody."""
    return number if number == 0 or number >= fewest else None


def covered(spans: Iterable[tuple[int, int]], start: int, end: int) -> int:
    """The milliseconds between `start` and `end` that at least one span covers; a span's end is not in it."""
    total, reached = 0, start
    for low, high in sorted(spans):
        total += max(min(high, end) - max(low, reached), 0)
        reached = max(reached, high)
    return total


def days(milliseconds: int) -> Fraction:
    """Person-days: milliseconds of one person or of many, in days of 24 hours."""
    return Fraction(milliseconds, DAY)


def rounded(number: Fraction, places: int) -> str:
    """A fraction in decimals, halves away from nought, as text: one form on every machine."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    sign = "-" if number < 0 and whole else ""
    head, tail = divmod(whole, 10**places)
    return f"{sign}{head}.{tail:0{places}d}" if places else f"{sign}{head}"
