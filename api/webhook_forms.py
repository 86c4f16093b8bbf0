"""What is sent with a webhook, and what is told of one and of its messages."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from api import forms
from api.feed_hook import Reply
from api.feed_leave import terms_of
from api.webhook_notify import message_id, told
from db.feed import Heard
from db.subscriptions import Subscribed
from db.webhooks import Tried
from fhir_facade import exact
from fhir_facade.drafts import moment
from plan.dates import date_range
from plan.kinds.types import Form, Line
from plan.model import Json
from plan.problem import Fault, Problem, Trouble, refuse_if
from plan.subscription import Standing
from plan.webhook import GRACE, unknown

LONGEST_URL = 2048
MOST_EVENTS = 100
_OURS = frozenset({"id", "version", "error", "created", "updated", "expires", "last_delivery", "failing_since"})
"""What the service says of a webhook: it may come back with a change, and is passed over."""
_STATES = {"sending": "pending", "done": "delivered", "dead": "failed", "withdrawn": "withdrawn"}
STATES = tuple(_STATES.values())
"""What became of a message. Withdrawn: its owner might not be told of it any more when it was to be tried again."""
_MESSAGE = re.compile(r"msg_(?P<id>[A-Za-z0-9.-]{1,64})_(?P<number>[1-9][0-9]{0,15})")
_VISIBLE = re.compile(r"[\x21-\x7e]+")

Word = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z_]{1,40}\.(\*|[a-z]{1,20}))$")]


class Webhook(Form):
    """Where what happens is told, and what. `events`: `KIND.created`, `.updated`, `.deleted`, `KIND.*`, or `*`."""

    url: Annotated[str, Field(max_length=LONGEST_URL)]
    events: Annotated[list[Word], Field(min_length=1, max_length=MOST_EVENTS)]
    description: Line | None = None
    status: Literal["active", "disabled"] | None = None


class Replay(Form):
    """What shall be sent again: the message `delivery`, or all since a moment."""

    delivery: Annotated[str, Field(max_length=128)] | None = None
    since: Annotated[str, Field(max_length=64)] | None = None


def wanted(body: Mapping[str, Json]) -> dict[str, Json]:
    """A webhook as it is asked for. Raises one problem with every fault at its place."""
    said = {name: value for name, value in body.items() if name not in _OURS}
    faults = forms.found(Webhook, said, "webhook")
    if not faults:
        faults = [*_unreachable(str(said["url"])), *unknown(said["events"])]
    refuse_if(faults, Trouble.INVALID, "The webhook is not as it must be.")
    return said


def standing(said: Mapping[str, Json]) -> Standing:
    """Where a webhook shall stand."""
    return Standing.OFF if said.get("status") == "disabled" else Standing.ACTIVE


def kept(said: Mapping[str, Json]) -> str:
    """A webhook as it is stored, beside what every subscription has."""
    terms = {"url": said["url"], "events": sorted(set(said["events"]))}
    return exact.text(terms | {name: said[name] for name in ("description",) if name in said})


def replayed(id_: str, body: Mapping[str, Json]) -> tuple[int, int]:
    """What shall be sent again: the number of one message, or 0 and since when. Raises INVALID, BAD_VALUE,
    NOT_FOUND.
    """
    refuse_if(forms.found(Replay, dict(body), "replay"), Trouble.INVALID, "The replay is not as it must be.")
    if len(body) != 1:
        what = "neither a delivery nor a moment is named, or both are"
        raise Problem(Trouble.INVALID, what, (Fault(what, (), "Send delivery, or since."),))
    if "delivery" in body:
        found = _MESSAGE.fullmatch(body["delivery"])
        if found is None or found["id"] != id_:
            raise Problem(Trouble.NOT_FOUND, "This webhook has no such delivery.")
        return int(found["number"]), 0
    since = date_range(body["since"])
    if since is None:
        what = "since is no moment"
        mend = "Write it with its time zone: 2026-03-01T10:00:00Z."
        raise Problem(Trouble.BAD_VALUE, what, (Fault(what, ("since",), mend),))
    return 0, since[0]


def shown(one: Subscribed, *, own: bool, secret: str = "") -> dict[str, Json]:
    """A webhook as its owner reads it; to the administrator its address is shown without what may be a password."""
    said: dict[str, Any] = exact.stored(one.body)
    url = said["url"] if own else "{0.scheme}://{0.netloc}".format(urlsplit(said["url"]))
    made: dict[str, Json] = {
        "id": one.id,
        "version": one.version,
        **said,
        "url": url,
        "status": "active" if one.status == Standing.ACTIVE else "disabled",
        "created": moment(one.created),
        "updated": moment(one.updated),
        "expires": moment(one.expires),
    }
    if one.sent:
        made["last_delivery"] = moment(one.sent)
    if one.failing:
        made["failing_since"] = moment(one.failing)
    return made | ({"secret": secret} if secret else {})


def rotated(secret: str, now: int) -> dict[str, Json]:
    """A new secret, and until when the one before signs too."""
    return {"secret": secret, "previous_until": moment(now + GRACE)}


def answered(message: str, reply: Reply) -> dict[str, Json]:
    """What came of a test call."""
    said: dict[str, Json] = {"id": message, "delivered": reply.taken}
    return said | _reply(reply.status, reply.said)


def logged(one: Subscribed, heard: Heard, came: Tried) -> dict[str, Json]:
    """A message in the log: what it tells of only where that may still be told."""
    said: dict[str, Json] = {"id": message_id(one.id, heard.number), "state": _STATES[came.state]}
    said["attempts"] = came.tries
    if came.tried:
        said["last_attempt"] = moment(came.tried)
    if came.state == "sending":
        said["next_attempt"] = moment(came.due)
    return said | _reply(came.answer, came.said) | ({"message": told(heard)} if heard.seen else {})


def terms(one: Subscribed) -> str:
    """Where a webhook is told."""
    return terms_of(one.body).url


def _reply(status: int, said: str) -> dict[str, Json]:
    return {**({"status": status} if status else {}), **({"said": said} if said else {})}


def _unreachable(url: str) -> Iterator[Fault]:
    """What is wrong with an address that anything could be sent to at all; where it leads is the hook's question."""
    mend = "Send an absolute https address without user, password or fragment."
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, named = urlsplit(""), False
    if not (named and _VISIBLE.fullmatch(url) and parts.scheme in ("https", "http")):
        yield Fault("url is no address that anything can be sent to", ("url",), mend, Trouble.BAD_VALUE)
    elif parts.username is not None or parts.password is not None or parts.fragment:
        yield Fault("url holds a user, a password or a fragment", ("url",), mend, Trouble.BAD_VALUE)
