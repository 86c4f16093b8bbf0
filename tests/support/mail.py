"""A mail server on this machine, in the same loop: what it took, and what it answers next."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

from api.mail_server import Sender
from tests.support.world import World

BASE = "https://plans.example"
LINK = "/care/people/{person}/messages/{entry}"


@dataclass
class Post:
    """A post office: mails that it took, and answers that it gives before it takes one."""

    taken: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    refuses: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return self.refuses.pop(0)
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.taken.append(made)
        self.to.append(list(envelope.rcpt_tos))
        return "250 taken"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.refuses and self.refuses[0].endswith("recipient"):
            return self.refuses.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 fine"


@asynccontextmanager
async def post_office() -> AsyncIterator[Post]:
    """The server while it runs."""
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, hostname="mail.example"), "127.0.0.1", 0)
    post.port = server.sockets[0].getsockname()[1]
    async with server:
        yield post


def sender(port: int) -> Sender:
    """Where mails go out in tests."""
    return Sender(f"smtp+plain://127.0.0.1:{port}", "plans@plans.example", BASE, LINK)


def mailing(world: World, post: Post) -> None:
    """Let a world send its mails there."""
    world.service.feed.mail = sender(post.port)
