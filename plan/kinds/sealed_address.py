"""Sealed address: where somebody lives whom others must not find; shown to the agencies it names and to nobody else.

Source: NHS Digital, Personal Demographics Service, sensitive records ("S flag"): that an address is withheld is told,
where it is, is not. While one stands here the Patient has no address.
"""

from plan.kinds.kind import Kind
from plan.kinds.person import Address
from plan.kinds.types import Form, Text
from plan.model import Section


class SealedAddress(Form):
    """One sealed address. `note`: how to visit, whom never to tell."""

    address: Address
    note: Text | None = None


KIND = Kind(
    name="sealed_address",
    form=SealedAddress,
    title=lambda body: "Sealed address",
    sections=frozenset({Section.ABOUT_ME}),
    home=Section.ABOUT_ME,
    restricted=True,
)
