"""Which messages are also told by e-mail: those to a service of an agency at work that says by which address it is.

A mail says that something waits and where, never what: so all that is decided here is to whom, and for which entry.
The same message is mailed to the same service once, whatever becomes of the message later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plan.known import Contact, Entry, Known
from plan.model import EntryId

DAY = 86_400_000
FRESH = 7 * DAY
"""Messages that are older are nobody's news: milliseconds, longer than the whole schedule of tries."""
MAILED = frozenset({"sending", "sent"})
"""Statuses of a message that is on its way or has gone out."""
HOW_LONG = 254
"""The longest address (RFC 5321 4.5.3.1.3, without the angle brackets)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail: about which message, to which service of the directory, at which address."""

    entry: EntryId
    target: str
    address: str


def mails(known: Known) -> Iterator[Mail]:
    """What is to be mailed about one person now; asked again when it is sent, for the address and whether it may be."""
    contacts = {
        contact.reference: (agency.id, contact)
        for agency in known.members()
        for contact in agency.contacts.values()
        if _reached(contact)
    }
    for message in known.of("message"):
        if message.body.get("status") not in MAILED or message.created < known.now - FRESH:
            continue
        for target in _targets(message):
            agency, contact = contacts.get(target, (None, None))
            if agency and contact and (message.restriction is None or agency in message.restriction):
                yield Mail(message.id, target, contact.email)


def _targets(message: Entry) -> Iterator[str]:
    """To whom a message goes, each once."""
    said = [one.get("reference") for one in message.body.get("to", ()) if isinstance(one, Mapping)]
    yield from dict.fromkeys(str(one) for one in said if one)


def _reached(contact: Contact) -> bool:
    """Whether an address is one that a mail can be sent to, and nothing else can be hidden in."""
    name, at, host = contact.email.rpartition("@")
    plain = contact.email.isascii() and contact.email.isprintable() and not set(contact.email) & set(' <>(),;:"\\[]')
    return bool(name and at and host) and plain and len(contact.email) <= HOW_LONG and "@" not in name
