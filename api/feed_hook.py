"""The hook: how a notice leaves the service, and everything that keeps it from being led elsewhere.

An endpoint must be of an origin that the deployment names. Its host is resolved here, every address of it must be a
public one, and the connection goes to the very address that was looked at, under the name that was asked for (Host,
SNI, certificate), so that no second answer of a name server leads inside. Redirects are not followed, answers are not
read, no connection is shared between endpoints. OWASP API7, ASVS 1.3.6 and 13.2.4.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx

from plan.problem import Fault, Problem, Trouble

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
PATIENCE = 5.0
"""Seconds that a name server has."""
_PORTS: Mapping[str, int] = {"https": 443, "http": 80}
_WRAPPING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))
"""IPv6 addresses that stand for IPv4 ones: wherever those lead."""
_WHERE = ("endpoint",)
FHIR = "application/fhir+json"
_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Terms:
    """Where notices may go: origins as `scheme://host[:port]`; `loopback`: also to this machine, and by http."""

    origins: frozenset[str] = frozenset()
    loopback: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint made of a notice: its status, 0 when there was none, and a sentence for the owner.

    `wait`: for how many milliseconds it asked to be left alone (Retry-After, RFC 9110 10.2.3, in seconds).
    """

    status: int
    said: str = ""
    wait: int = 0

    @property
    def taken(self) -> bool:
        """Whether the notice arrived."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of success


class Unreachable(Exception):  # noqa: N818 - an outcome, as in db.engine
    """Nothing is sent there, and why."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, from the resolver of the machine."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Hook:
    """Sends notices. `transport` and `resolve` are for tests."""

    def __init__(
        self, terms: Terms, resolve: Resolve = resolved, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.terms = terms
        self._allowed = {_origin(text) for text in terms.origins}
        self._resolve = resolve
        self._transport = transport
        self._client: httpx.AsyncClient | None = None

    async def must_reach(self, endpoint: str) -> None:
        """Insist that notices may be sent there. Raises UNPROCESSABLE with the reason."""
        try:
            await self._checked(endpoint)
        except Unreachable as refused:
            fault = Fault(str(refused), _WHERE, "Ask whoever runs this service to allow the endpoint's origin.")
            raise Problem(Trouble.UNPROCESSABLE, "", (fault,)) from None

    async def post(
        self, endpoint: str, headers: Sequence[tuple[str, str]], body: bytes, seconds: float, media: str = FHIR
    ) -> Reply:
        """Send one notice. Never raises for what the other side does."""
        try:
            async with asyncio.timeout(seconds):
                return await self._sent(endpoint, (*headers, ("content-type", media)), body)
        except Unreachable as refused:
            return Reply(0, str(refused))
        except TimeoutError:
            return Reply(0, "the endpoint did not answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return Reply(0, f"the endpoint could not be reached ({type(error).__name__})")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client:
            await self._client.aclose()

    async def _sent(self, endpoint: str, headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        address = await self._checked(endpoint)
        url = httpx.URL(endpoint)
        said = {**dict(headers), "host": url.netloc.decode()}
        client = self._open()
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**said, "user-agent": "oneplan", "accept": "*/*"},
            extensions={"sni_hostname": url.host},
        )
        answer = await client.send(request, stream=True)
        await answer.aclose()
        return Reply(answer.status_code, wait=_waits(answer.headers.get("retry-after", "")))

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            # A connection that is kept is found again by its address alone, whatever name it was proved for.
            alone = httpx.Limits(max_connections=64, max_keepalive_connections=0)
            self._client = httpx.AsyncClient(
                transport=self._transport, trust_env=False, follow_redirects=False, limits=alone
            )
        return self._client

    async def _checked(self, endpoint: str) -> str:
        """The address to connect to. Raises Unreachable."""
        try:
            origin = _origin(endpoint)
        except ValueError:
            raise Unreachable("the endpoint is no address") from None
        if not self._allowed:
            raise Unreachable("this service sends no notices: no origin is allowed (ONEPLAN_FEED_ORIGINS)")
        if origin not in self._allowed:
            raise Unreachable("the endpoint's origin is not one that notices may be sent to")
        scheme, host, port = origin
        if scheme != "https" and not self.terms.loopback:
            raise Unreachable("notices are sent by https only")
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._resolve(host, port)
        except (OSError, UnicodeError, TimeoutError):
            found = ()
        if not found:
            raise Unreachable("the endpoint's host cannot be resolved")
        addresses = [ip_address(text.partition("%")[0]) for text in found]
        if not all(self._open_to(address, scheme) for address in addresses):
            raise Unreachable("the endpoint's host leads to an address that notices are never sent to")
        return str(addresses[0])

    def _open_to(self, address: Address, scheme: str) -> bool:
        """Whether an address is a public one; on a machine for development, plain http goes to itself alone."""
        if self.terms.loopback and address.is_loopback:
            return True
        return scheme == "https" and _public(address)


def _waits(said: str) -> int:
    return int(said) * 1000 if _SECONDS.fullmatch(said) else 0


def _public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return _public(address.ipv4_mapped)
        if any(address in network for network in _WRAPPING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _origin(text: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(text)
    return parts.scheme, parts.hostname.lower(), parts.port or _PORTS[parts.scheme]
