"""The rules around a stay and between the agencies, C11 to C20, in the order of the design."""

from plan.rules import (
    benefits,
    communication,
    contacts,
    equipment,
    goals,
    reuse,
    sharing,
    telecare,
    wishes,
    works,
)
from plan.rules.rule import Row

ROWS: tuple[Row, ...] = (
    equipment.ROW,
    telecare.ROW,
    works.ROW,
    benefits.ROW,
    wishes.ROW,
    sharing.ROW,
    contacts.ROW,
    reuse.ROW,
    goals.ROW,
    communication.ROW,
)
