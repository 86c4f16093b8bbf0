"""Discharges that do not fail: what every stay in a plan asks for, who is told and when, and what is kept of it.

Source: coordination scenarios D1 to D9. The rule is asked after every change and at the moments that it names; what it
wants is written by the service's own hand, each thing once.
"""

from collections.abc import Iterator

from plan.discharge_asking import asking
from plan.discharge_chasing import chasing
from plan.discharge_facts import stays
from plan.discharge_leaving import leaving
from plan.known import Known, Wake, Want


def derive(known: Known) -> Iterator[Want | Wake]:
    """What the stays of a person ask for."""
    for stay in stays(known):
        yield from asking(known, stay)
        yield from chasing(known, stay)
        yield from leaving(known, stay)
