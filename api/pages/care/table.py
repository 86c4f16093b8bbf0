"""Every page of work: one line each; what a line stands for is told in its file."""

from api.pages.care import again, launching, live
from api.pages.care.drawn import pictures
from api.pages.care.editing import reviewing, sections
from api.pages.care.emergency import overrides
from api.pages.care.mine import looked, own
from api.pages.care.paper import printing
from api.pages.care.plan_page import plan
from api.pages.care.talk import talking
from api.pages.care.ways import Way
from api.pages.care.work import discharges, worklist

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
