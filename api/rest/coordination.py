"""The addresses of coordination: stays and discharges, messages, referrals, findings, attention, measures, webhooks.

One row each, like the others (api/rest/routes.py).
"""

from typing import Any

from api import stays_asked
from api.rest import (
    attention,
    calendar_feeds,
    discharges,
    entries,
    findings,
    measures,
    messages,
    readiness,
    referrals,
    stays,
    webhooks,
)
from api.rest.ways import PAGE, PERSON, Way
from api.rest.ways import shelf as shelf_of
from api.rest.words import Words


def coordination() -> tuple[Way, ...]:
    """All of them; what is sent to one of a person's messages or referrals stands before the shelves themselves."""
    return (
        *_messages(f"{PERSON}/messages"),
        *_referrals(),
        *_stays(),
        *_attention(),
        *_findings(),
        *_webhooks(),
        *_measures(),
        *calendar_feeds.ROWS,
    )


def _referrals() -> tuple[Way, ...]:
    shelf = f"{PERSON}/referrals"
    ways = shelf_of(shelf, entries.at_home("referral"), "referrals", "referral", "Referral", ("section",))
    what = "It moves on: accepted, refused with a reason, done"
    words = Words(name="answer_referral", summary=what, tag="referrals", answer="Action", body="Moving", keyed=True)
    asking = [way._replace(handler=referrals.create) if way.method == "POST" else way for way in ways]
    return (*asking, Way("POST", f"{shelf}/{{entry}}/answer", referrals.answer, words))


def _stays() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="stays", answer=answer, **more)

    send = words(
        "send_stay_events",
        "What a hospital's feed says, one event or a list",
        "TakenEvents",
        body="StayEvents",
        keyed=True,
    )
    find = words("search_stays", "Find stays", "StaysFound", query=(*stays_asked.TERMS, *PAGE), known=True)
    board = words(
        "list_discharges", "Who is to leave hospital", "Discharges", query=(*discharges.TERMS, *PAGE), known=True
    )
    return (
        Way("POST", f"{stays.SHELF}/events", stays.events, send),
        Way("GET", stays.SHELF, stays.search, find),
        Way("GET", discharges.SHELF, discharges.board, board),
    )


def _findings() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str, **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="findings", answer=answer, **more)

    shelf = f"{PERSON}/findings"
    listed = words("list_findings", "What contradicts, and what no rule could read", "Findings", known=True)
    settle = words("resolve_finding", "Settle a contradiction", "Finding", body="Settling", changes=True, keyed=True)
    one = entries.reading(entries.at_home("finding"))
    return (
        Way("GET", shelf, findings.listing, listed),
        Way("GET", f"{shelf}/{{entry}}", one, words("read_finding", "One of them", "Finding", known=True)),
        Way("POST", f"{shelf}/{{entry}}/resolution", findings.resolve, settle),
        *(Way(*row) for row in readiness.ROWS),
    )


def _messages(shelf: str) -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str = "Ask", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="messages", answer=answer, **more)

    one, what = f"{shelf}/{{entry}}", "All of them, oldest first, and how far what they ask has come"
    listed = words("list_messages", what, "Messages", query=("section",), known=True)
    answer = words("answer_message", "What came of it", "Message", body="Answering", status=201, keyed=True)
    understood = words("understand_answer", "Its sender has understood the answer", "Message", keyed=True)
    return (
        Way("GET", shelf, messages.listing, listed),
        Way("GET", f"{one}/thread", messages.thread, words("read_thread", "How far it has come", known=True)),
        Way("POST", f"{one}/seen", messages.seen, words("see_message", "Seen, not acknowledged", keyed=True)),
        Way("POST", f"{one}/acknowledge", messages.acknowledge, words("take_on_message", "Taken on", keyed=True)),
        Way("POST", f"{one}/answer", messages.answer, answer),
        Way("POST", f"{one}/understood", messages.understood, understood),
    )


def _attention() -> tuple[Way, ...]:
    what, terms = "What needs the caller now, the most severe and the oldest first", ("person", "agency", "estate")
    words = Words(name="read_attention", summary=what, tag="attention", answer="Attention", query=terms, known=True)
    return (Way("GET", attention.SHELF, attention.read, words),)


def _webhooks() -> tuple[Way, ...]:
    def words(name: str, summary: str, answer: str = "", **more: Any) -> Words:
        return Words(name=name, summary=summary, tag="webhooks", answer=answer, **more)

    shelf, one = webhooks.SHELF, f"{webhooks.SHELF}/{{webhook}}"
    make = words("create_webhook", "Be told of what happens", "StoredWebhook", body="Webhook", status=201, keyed=True)
    change: dict[str, Any] = {"body": "Webhook", "changes": True, "keyed": True}
    again = words("replay_webhook", "Send again", "Replayed", body="Replay", keyed=True)
    return (
        Way("POST", shelf, webhooks.create, make),
        Way("GET", shelf, webhooks.listing, words("list_webhooks", "The caller's webhooks", "Webhooks", known=True)),
        Way("GET", one, webhooks.read, words("read_webhook", "One webhook", "StoredWebhook")),
        Way("PUT", one, webhooks.update, words("replace_webhook", "Change one", "StoredWebhook", **change)),
        Way("DELETE", one, webhooks.delete, words("delete_webhook", "End one", status=204, changes=True, keyed=True)),
        Way(
            "POST",
            f"{one}/rotate-secret",
            webhooks.rotate,
            words("rotate_secret", "A new secret", "Rotated", keyed=True),
        ),
        Way("POST", f"{one}/test", webhooks.test, words("test_webhook", "Try it now", "Answered", keyed=True)),
        Way(
            "GET",
            f"{one}/deliveries",
            webhooks.deliveries,
            words("list_deliveries", "What was sent, and what came of it", "Deliveries", query=PAGE, known=True),
        ),
        Way("POST", f"{one}/replay", webhooks.replay, again),
    )


def _measures() -> tuple[Way, ...]:
    what = "How people fared, as JSON, or as CSV for `Accept: text/csv`"
    return (
        Way(
            "GET",
            "/v1/measures",
            measures.read,
            Words(
                name="read_measures", summary=what, tag="measures", answer="Measures", query=measures.QUERY, known=True
            ),
        ),
    )
