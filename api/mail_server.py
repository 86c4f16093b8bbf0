"""The mail server: how a mail leaves the service. A mail carries a link and nothing of anybody: no name, no content.

SMTP hands a message over at least once, never exactly once: an answer may be lost after the server took it (RFC 5321
4.5.3.2.6). The Message-ID stays the same then, by which servers and readers know a mail again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import blake2b
from urllib.parse import unquote, urlsplit

import aiosmtplib

from plan.mail import Mail
from plan.model import PersonId

PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
"""By TLS from the start, by STARTTLS that must succeed, and without: for development only."""
TIMEOUT = 30.0
"""Seconds for each answer of the server."""
SUBJECT = "Oneplan: something needs your attention"
TEXT = """There is a message for your service in Oneplan. Sign in to read it:

{link}

This mail holds nothing of it. Nobody reads what is sent to this address.
"""
_FOR_GOOD = 500
"""Answers from here on are final (RFC 5321 4.2.1)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of handing a mail over: taken, refused for good, or neither, which is tried again."""

    taken: bool
    final: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Where mails go out. `server`: `smtps://USER:WORD@HOST:PORT`, by `PORTS`; a mail leads to `base` and `link`."""

    server: str
    sender: str
    base: str
    link: str

    def letter(self, person: PersonId, mail: Mail, now: int) -> EmailMessage:
        """A mail as it goes out; `now` in milliseconds since 1970 UTC."""
        made = EmailMessage()
        made["From"], made["To"], made["Subject"] = self.sender, mail.address, SUBJECT
        made["Date"] = format_datetime(datetime.fromtimestamp(now // 1000, UTC))
        made["Message-ID"] = message_id(person, mail, self.base)
        made["Auto-Submitted"] = "auto-generated"
        path = self.link.replace("{person}", person).replace("{entry}", mail.entry)
        made.set_content(TEXT.format(link=f"{self.base.rstrip('/')}{path}"))
        return made

    async def post(self, letter: EmailMessage) -> Answer:
        """Hand a mail over. Never raises for what the server does."""
        at = urlsplit(self.server)
        try:
            await aiosmtplib.send(
                letter,
                hostname=at.hostname,
                port=at.port or PORTS[at.scheme],
                username=unquote(at.username) if at.username else None,
                password=unquote(at.password) if at.password else None,
                use_tls=at.scheme == "smtps",
                start_tls=at.scheme == "smtp",
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return _refused(refused.recipients[0])
        except aiosmtplib.SMTPResponseException as refused:
            return _refused(refused)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Answer(taken=False, said=f"the mail server could not be reached ({type(error).__name__})")
        return Answer(taken=True)


def message_id(person: PersonId, mail: Mail, base: str) -> str:
    """The same for the same mail, and telling nothing (RFC 5322 3.6.4)."""
    digest = blake2b(f"{person} {mail.entry} {mail.target}".encode(), digest_size=16).hexdigest()
    return f"<{digest}@{urlsplit(base).hostname}>"


def _refused(answer: aiosmtplib.SMTPResponseException) -> Answer:
    # What a server says may repeat the address; its code says enough.
    signing_in = isinstance(answer, aiosmtplib.SMTPAuthenticationError)
    final = answer.code >= _FOR_GOOD and not signing_in
    return Answer(taken=False, final=final, said=f"the mail server answered {answer.code}")
