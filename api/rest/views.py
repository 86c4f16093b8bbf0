"""The schemas of what the door answers: views of a plan, its history, its team, leave, and problems."""

from typing import Any

from api import house
from api.consent_history import FACTS
from api.rest.measure_views import measure_views
from api.rest.shapes import BY, CURSOR, DIFFERENCES, MOMENT, NUMBER, SECTIONS, TITLES, Schema, many, members, ref, text
from api.rest.stay_views import stay_views
from api.webhook_forms import STATES
from auth.access import Question
from plan.attention import KINDS_SHOWN, SEVERITIES
from plan.charter import ROLES_WITH_SECTIONS
from plan.kinds import KINDS
from plan.model import Role
from plan.override import REASONS, Outcome
from plan.problem import Trouble

_FROM_TO: dict[str, Schema] = {"from": NUMBER, "to": NUMBER}
_BETWEEN: dict[str, Schema] = {"from": MOMENT, "to": MOMENT}
_FLAG: Schema = {"type": "boolean"}


def views() -> dict[str, Schema]:
    """Every schema of an answer, by name."""
    return (
        _entries()
        | _plan()
        | _history()
        | _differences()
        | _team()
        | _leave()
        | _overrides()
        | stay_views()
        | {"Attention": members("items", items=many(_needing()))}
        | measure_views()
        | _webhooks()
        | _calendars()
        | {"Problem": _problem()}
    )


def _needing() -> Schema:
    return members(
        "person kind severity since words reference link",
        "One thing that needs the caller: of whose plan, since when, until when, and where it is done.",
        person=text(),
        name=text("What the person is called, where the caller may see it."),
        kind=text(enum=list(KINDS_SHOWN)),
        severity=text(enum=list(SEVERITIES)),
        since=MOMENT,
        due=MOMENT,
        words=text(),
        place=ref("Place"),
        reference=text(),
        about=text("The stay, message or referral that it belongs to, as `Type/id`."),
        link=text(format="uri-reference"),
    )


def _entries() -> dict[str, Schema]:
    entry = [ref(TITLES[kind]) for kind in KINDS]
    kinds = {kind: f"#/components/schemas/{TITLES[kind]}" for kind in KINDS}
    record = members(
        "id kind type title",
        "What has no native form (a vaccination, a claim): read and written in full by the FHIR door.",
        id=text(),
        kind=text(const="record"),
        type=text("The FHIR type."),
        title=text(),
    )
    unread = members(
        "entries kind why",
        "Entries that no contradiction rule could read, and why.",
        entries=many(text("`Type/id`.")),
        kind=text(),
        why=text(),
    )
    return {
        "Entry": {"oneOf": entry, "discriminator": {"propertyName": "kind", "mapping": kinds}},
        "Record": record,
        "Entries": members("items", items=many({"anyOf": [ref("Entry"), ref("Record")]})),
        "Messages": members("items threads", items=many(ref("Message")), threads=many(ref("Ask"))),
        "SignedOff": members("items", "The reviews, in the order of the sections.", items=many(ref("Review"))),
        "Findings": members(
            "items not_machine_checked",
            "What contradicts, and beside it what nobody has compared: none found does not mean none there.",
            items=many(ref("Finding")),
            not_machine_checked=many(unread),
        ),
        "People": members("items", items=many(ref("Person")), next=CURSOR),
        "Directory": members("items", items=many(ref("Record")), next=CURSOR),
    }


def _plan() -> dict[str, Schema]:
    shelves = {kind: many(ref(TITLES[kind])) for kind in KINDS}
    plan = members(
        "sections",
        "Everything of a plan that may be seen; what may not be seen leaves no mark.",
        person=ref("Person"),
        plan=members("", "The plan as a whole."),
        team=ref("Team"),
        sections=members("", "In the charter's order.", **{name: ref("SectionView") for name in SECTIONS}),
    )
    own = {"section": ref("Section"), "record": many(ref("Record"))}
    return {
        "Plan": plan,
        "Sections": members("items", items=many(ref("Section"))),
        "SectionView": members("", "A section, and its entries by kind.", **own, **shelves),
    }


def _history() -> dict[str, Schema]:
    change = members(
        "at action kind section entry version by",
        "What changed, never its content.",
        at=MOMENT,
        action=text(enum=["create", "update", "delete"]),
        kind=text(),
        section=text(),
        entry=text(),
        version=NUMBER,
        by=BY,
    )
    version = members(
        "version at by deleted entry",
        "One version of an entry; `entry` is null where it was deleted. `why`: as it was said with the change.",
        version=NUMBER,
        at=MOMENT,
        by=BY,
        deleted=_FLAG,
        why=text(),
        entry={"anyOf": [ref("Entry"), ref("Record"), {"type": "null"}]},
    )
    return {
        "Change": change,
        "History": members("items", items=many(ref("Change")), next=CURSOR),
        "Changes": members("items next", items=many(ref("Change")), next=CURSOR),
        "Reading": members(
            "",
            "How far the caller has read: up to which moment of what changed, and when they said so; or nothing.",
            seen=MOMENT,
            marked=MOMENT,
        ),
        "Version": version,
        "Versions": members("items", items=many(ref("Version")), next=CURSOR),
    }


def _differences() -> dict[str, Schema]:
    changed = members(
        "entry kind section from to differences",
        "",
        entry=text(),
        kind=text(),
        section=text(),
        differences=DIFFERENCES,
        **_FROM_TO,
    )
    plan = members(
        "from to added removed changed",
        "Entries that came, went and changed between two moments; those of the frame too.",
        added=many(members("id kind")),
        removed=many(members("id kind")),
        changed=many(changed),
        **_BETWEEN,
    )
    entry = members("entry from to differences", "", entry=text(), differences=DIFFERENCES, **_FROM_TO)
    return {"Difference": entry, "PlanDifference": plan}


def _team() -> dict[str, Schema]:
    one = members(
        "id agency since",
        "One membership.",
        id=text(),
        agency=text(),
        name=text(),
        role=text(),
        worker=text(),
        basis=text(),
        since=MOMENT,
        until=MOMENT,
    )
    who = "Who is on the team, and who was."
    return {"Member": one, "Team": members("members", who, id=text(), version=NUMBER, members=many(ref("Member")))}


def _leave() -> dict[str, Schema]:
    section = members(
        "read write decided_by",
        read=_FLAG,
        write=text("Nothing, the agency's own entries, or any.", enum=["none", "own", "any"]),
        decided_by=text("Which question decided.", enum=[question.value for question in Question]),
    )
    leave = members(
        "role agency purpose charter basis frame sections",
        "What the caller may do in this plan, and why.",
        role=ref("Role"),
        agency=text(),
        purpose=text(),
        charter=text("The version of the charter that decided."),
        basis=text("On what the relationship rests: self, created, added, carer, override."),
        frame=ref("SectionLeave"),
        sections=members("", **{name: ref("SectionLeave") for name in SECTIONS}),
        entries=many(text(), "The only entries that are open: to an agency that is asked and has not accepted."),
    )
    log = members(
        "id at who what why by request codes",
        "One look, change, search or refusal, in words and in codes. `id` is that of its FHIR AuditEvent.",
        id=text(),
        at=MOMENT,
        who=members("role", "Who it was.", name=text(), role=text(), agency=text()),
        what=text("What they did, as the rest of a sentence that begins with them."),
        why=text("For what purpose."),
        by=text("By which kind of door."),
        request=text("The id of the request, for enquiries."),
        codes=_codes(),
    )
    without = ", ".join(role.value for role in Role if role not in ROLES_WITH_SECTIONS)
    said = f"These have no section of any plan: {without}. What follows from a plan is written by `{house.ROLE}`."
    role = text(said, enum=[*(role.value for role in Role), house.ROLE])
    return {
        "Role": role,
        "SectionLeave": section,
        "Leave": leave,
        "Logged": log,
        "AccessLog": members("items", items=many(ref("Logged")), next=CURSOR),
        "Status": members("status", status=text()),
    }


def _codes() -> Schema:
    """The coded parts of an event; what nobody said is left out."""
    words = ("subject", "role", "agency", "client", "purpose", "door", "type", "target")
    return members(
        "action sections allowed charter",
        action=text("C, R, U, D, or E for a search.", enum=list("CRUDE")),
        sections=many(text()),
        allowed=_FLAG,
        question=text("Which of the five questions refused it; `request`: it failed for another reason than leave."),
        charter=text("The version of the charter that decided."),
        **{name: text() for name in words},
    )


def _overrides() -> dict[str, Schema]:
    review = members(
        "outcome comment by",
        "What looking into it came to; without `at` it asks for more, and the override stays in the queue.",
        outcome=text(enum=[outcome.value for outcome in Outcome]),
        comment=text(),
        by=text(),
        at=MOMENT,
    )
    one = members(
        "id person opened expires by reason text sections_read events state",
        "Who opened whose plan, why, until when, and what was done under it.",
        id=text(),
        person=text(),
        opened=MOMENT,
        expires=MOMENT,
        by=members("subject role agency", subject=text(), role=ref("Role"), agency=text(), name=text()),
        reason=text(enum=list(REASONS)),
        text=text(),
        sections_read=many(text(), "Sections of which something was read or written."),
        events={"type": "integer", "minimum": 0, "description": "How many events the audit has of it."},
        state=text(enum=["open", "reviewed"]),
        age_days={"type": "integer", "minimum": 0, "description": "For how many days it has waited for its review."},
        review=review,
    )
    decision = members(
        "consent version at recorded_by deleted",
        "One version of one consent, as facts.",
        consent=text(),
        version=NUMBER,
        at=MOMENT,
        recorded_by=BY,
        deleted=_FLAG,
        **{name: {} for name in FACTS},
    )
    return {
        "Opened": members("id person expires", "An override that is open.", id=text(), person=text(), expires=MOMENT),
        "Override": one,
        "Overrides": members("items", items=many(ref("Override")), next=CURSOR),
        "ConsentHistory": members("items", items=many(decision), next=CURSOR),
    }


def _calendars() -> dict[str, Schema]:
    one = members(
        "id details created expires",
        "A calendar that an account has subscribed to. It is served until it `expires`.",
        id=text(),
        details=_FLAG,
        created=MOMENT,
        expires=MOMENT,
        fetched=MOMENT,
        address=text("Where it is fetched; it is a secret. Shown this once, when it is made.", format="uri"),
    )
    return {"StoredCalendar": one, "Calendars": members("items", items=many(ref("StoredCalendar")))}


def _webhooks() -> dict[str, Schema]:
    one = members(
        "id version url events status created updated expires",
        "A webhook. It is served until it `expires`: to write it again renews it.",
        id=text(),
        version=NUMBER,
        url=text(format="uri"),
        events=many(text()),
        description=text(),
        status=text(enum=["active", "disabled"]),
        error=text("Why it was disabled, where nobody asked for that."),
        created=MOMENT,
        updated=MOMENT,
        expires=MOMENT,
        last_delivery=MOMENT,
        failing_since=MOMENT,
        secret=text("Shown this once, when it is made."),
    )
    reply = {"status": {"type": "integer", "description": "The last HTTP status."}, "said": text("Why none came.")}
    delivery = members(
        "id state attempts",
        "A message by its `webhook-id`, what it tells of where that may still be told, and what came of it.",
        id=text(),
        state=text(enum=list(STATES)),
        attempts={"type": "integer", "minimum": 0},
        last_attempt=MOMENT,
        next_attempt=MOMENT,
        message=members("type timestamp data", "What is sent: ids and the type, never content."),
        **reply,
    )
    return {
        "StoredWebhook": one,
        "Webhooks": members("items", items=many(ref("StoredWebhook"))),
        "Rotated": members("", "The new secret, shown this once.", secret=text(), previous_until=MOMENT),
        "Answered": members("id delivered", "What came of a test call.", id=text(), delivered=_FLAG, **reply),
        "Delivery": delivery,
        "Deliveries": members("items", items=many(ref("Delivery")), next=CURSOR),
        "Replayed": members("count", count={"type": "integer", "minimum": 0}),
    }


def _moved() -> Schema:
    return members(
        "section current_version changed",
        "A section that was not signed.",
        section=text(enum=SECTIONS),
        current_version=NUMBER,
        changed=many(text(), "Pointers to its own fields, and its entries as `Type/id`."),
    )


def _problem() -> Schema:
    fault: dict[str, Any] = members(
        "pointer detail",
        pointer=text("RFC 6901 pointer into the body; empty for the body, the query or the address as a whole."),
        detail=text("What is wrong."),
        mend=text("How to mend it."),
    )
    return members(
        "type title status code detail request_id",
        "RFC 9457. `code` is stable: let programs read it, and people `detail`.",
        type=text(format="uri"),
        title=text(),
        status={"type": "integer"},
        code=text(enum=list(dict.fromkeys(trouble.value.code for trouble in Trouble))),
        detail=text(),
        request_id=text(),
        errors=many(fault),
        person=text("duplicate: the person who is there already, where the caller may see them."),
        override=text("duplicate: the caller's own override that is open already."),
        question=text("refused: which of the five questions of the access decision said no."),
        current_version={**NUMBER, "description": "stale: the version that is there now."},
        changed=many(text(), "stale: pointers to the fields that changed since."),
        moved=many(_moved(), "stale, of several sections: those that changed since they were read."),
    )
