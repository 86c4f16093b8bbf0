"""Every page of work: one line each; what a line stands for is told in its file."""

from api.pages.care import (
    again,
    discharges,
    launching,
    live,
    looked,
    overrides,
    own,
    pictures,
    plan,
    printing,
    reviewing,
    sections,
    talking,
    worklist,
)
from api.pages.care.ways import Way

WAYS: tuple[Way, ...] = (
    *again.WAYS,
    *plan.WAYS,
    *reviewing.WAYS,
    *sections.WAYS,
    *looked.WAYS,
    *worklist.WAYS,
    *discharges.WAYS,
    *talking.WAYS,
    *own.WAYS,
    *overrides.WAYS,
    *launching.WAYS,
    *printing.WAYS,
    *pictures.WAYS,
    *live.WAYS,
)
