"""What is taken of an answer from elsewhere: bounded in size, never compressed, and only where it went well."""

import httpx

MAX_BYTES = 64 * 1024
PLAIN = {"Accept-Encoding": "identity"}
"""Nothing compressed, whatever who answers prefers: a small compressed answer can be a very large one."""


async def body_of(answer: httpx.Response) -> bytes:
    """The body of an answer whose head is there. Raises ValueError for one that is not taken, saying why."""
    if answer.status_code != httpx.codes.OK or "Content-Encoding" in answer.headers:
        raise ValueError(f"the answer was {answer.status_code}, or compressed")
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise ValueError(f"the answer is longer than {MAX_BYTES} bytes")
    return bytes(body)
