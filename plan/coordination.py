"""The rules of coordination, one row each: a new rule is a function from `Known` to what ought to be, and a row here.

They are asked together, by the service's own hand, after every change to a person's plan and at the moments that they
name. The order matters to nobody: what one wants, the others see when they are asked again.
"""

from plan import attention_missing, discharge, feedback, findings, findings_asked, referral
from plan.known import Derive

RULES: tuple[Derive, ...] = (
    discharge.derive,
    feedback.feedback,
    attention_missing.missing,
    referral.steps,
    findings.derive,
    findings_asked.derive,
)
