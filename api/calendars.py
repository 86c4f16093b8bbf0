"""Bank holidays as closures of the agencies that keep them, so that clocks stand still on them.

Source: https://www.gov.uk/bank-holidays (England and Wales), from the library `holidays`. A team keeps them when it
does not work on Sundays: who publishes hours for Sundays (a ward, home care) works on bank holidays too, and says in
the directory (HealthcareService.notAvailable) when it does not.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import holidays

from plan.clocks import instant
from plan.known import LONDON, Agency
from plan.model import AgencyId

_SUNDAY = 6


def observed(agencies: Mapping[AgencyId, Agency], now: int, zone: ZoneInfo = LONDON) -> dict[AgencyId, Agency]:
    """The agencies with the bank holidays of last year, this one and the next two as closures."""
    year = datetime.fromtimestamp(now / 1000, UTC).year
    days = bank_holidays(year - 1, year + 2, zone)
    return {id_: replace(one, closed=(*one.closed, *days)) if keeps(one) else one for id_, one in agencies.items()}


def keeps(agency: Agency) -> bool:
    """Whether an agency is closed on bank holidays."""
    return not any(_SUNDAY in opening.days for opening in agency.hours or ())


@cache
def bank_holidays(first: int, last: int, zone: ZoneInfo = LONDON) -> tuple[tuple[int, int], ...]:
    """The days as spans of milliseconds since 1970 UTC, both ends included, from midnight to midnight local time."""
    days = sorted(holidays.country_holidays("GB", subdiv="ENG", years=range(first, last + 1)))
    return tuple((instant(day, 0, zone), instant(day, 24 * 60, zone) - 1) for day in days)
