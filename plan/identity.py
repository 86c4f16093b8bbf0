"""Who an identifier names: identifier systems in their one right spelling, and the NHS number with its check digit.

Real payloads spell the same system five ways, and systems compare case-sensitively; two spellings would make two
people out of one. Source: UK Core identifier systems; NHS Data Dictionary "NHS NUMBER" (modulus 11).
"""

import re
from collections.abc import Set as AbstractSet
from typing import Final

NHS_NUMBER: Final = "https://fhir.nhs.uk/Id/nhs-number"
OURS: Final = "https://oneplan.example/Id/"

LONGEST_VALUE = 255
LONGEST_SYSTEM = 2000

_OIDS: Final = {
    "urn:oid:2.16.840.1.113883.2.1.4.1": NHS_NUMBER,
}
_NHS = {"nhs-number", "ods-organization-code", "ods-site-code", "sds-user-id", "sds-role-profile-id"}
_HL7_UK = {"gmc-number", "nmc-number", "hcpc-number", "gphc-number"}
_SYSTEMS: Final = {name: f"https://fhir.nhs.uk/Id/{name}" for name in _NHS} | {
    name: f"https://fhir.hl7.org.uk/Id/{name}" for name in _HL7_UK
}
_SPELLING = re.compile(r"https?://(?:www\.)?fhir\.(?:nhs\.uk|nhs\.net|hl7\.org\.uk)/id/([a-z-]+)/?", re.IGNORECASE)
_OWN_UNIQUE = re.compile(
    re.escape(OURS) + r"[a-z0-9-]*(?:hospital-number|local-authority-number|housing-number)[a-z0-9-]*(?:/[^/\s]+)?"
)
_SPACING = re.compile(r"[\s-]+")
_DIGITS = re.compile(r"[0-9]{10}")


def nhs_number(text: str) -> str:
    """The ten digits of an NHS number, spaces and hyphens taken out.

    Raises ValueError, with a sentence that does not repeat the number, when it is not one.
    """
    digits = _SPACING.sub("", text)
    if not _DIGITS.fullmatch(digits):
        raise ValueError("an NHS number has ten digits")
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = (11 - total % 11) % 11
    # A remainder that asks for the check digit 10 is never issued, and no digit equals it.
    if check != int(digits[9]) or digits == "0000000000":
        raise ValueError("the check digit of the NHS number does not fit its other digits")
    return digits


def normal_system(uri: str) -> str:
    """The one spelling of a known identifier system; an unknown one comes back unchanged."""
    stripped = uri.strip()
    found = _SPELLING.fullmatch(stripped)
    if found:
        return _SYSTEMS.get(found[1].lower(), uri)
    return _OIDS.get(stripped.lower(), uri)


def unique(system: str, more: AbstractSet[str] = frozenset()) -> bool:
    """Whether a value under this system names one person only.

    The NHS number does, our own hospital, local-authority and housing numbers do, and so do the systems in `more`.
    """
    normal = normal_system(system)
    return normal == NHS_NUMBER or normal in more or _OWN_UNIQUE.fullmatch(normal) is not None


def identity(system: str, value: str) -> tuple[str, str]:
    """System and value as they are stored and compared; raises ValueError with a sentence for one that cannot be."""
    if len(system) > LONGEST_SYSTEM:
        raise ValueError(f"the system of an identifier has at most {LONGEST_SYSTEM} characters")
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"the value of an identifier has at most {LONGEST_VALUE} characters")
    normal = normal_system(system)
    if normal == NHS_NUMBER:
        return normal, nhs_number(value)
    stripped = value.strip()
    if not stripped:
        raise ValueError("an identifier has a value")
    return normal, stripped
