"""Which messages are told by e-mail, to whom (plan.mail)."""

from dataclasses import replace

import pytest

from plan.known import Agency, Contact, Entry, Known, Place
from plan.mail import FRESH, Mail, mails
from plan.model import AgencyId, EntryId, PersonId, Section

NOW = 1_700_000_000_000
DUTY = "HealthcareService/HA1-duty"


def message(**more) -> Entry:
    body = {"text": "Hello", "status": "sent", "to": [{"reference": DUTY}], **more.pop("body", {})}
    fields = {"created": NOW, **more}
    return Entry(
        id=EntryId("m"), type="Communication", kind="message", section=Section.TRANSITIONS, agency=AgencyId("oneplan"),
        version=1, at=NOW, body=body, **fields,
    )  # fmt: skip


def known(one: Entry, email: str = "duty@ha1.example", **more) -> Known:
    duty = Contact(reference=DUTY, name="Duty", email=email)
    agency = Agency(id=AgencyId("HA1"), contacts={"duty": duty, "team": Contact(reference="HealthcareService/HA1-t")})
    base = Known(
        person=PersonId("p"),
        now=NOW,
        entries={one.id: one},
        team=(Place(party="HA1"),),
        agencies={agency.id: agency},
    )
    return replace(base, **more)


def test_a_message_to_a_service_with_an_address_is_mailed_to_it():
    assert list(mails(known(message()))) == [Mail(EntryId("m"), DUTY, "duty@ha1.example")]


@pytest.mark.parametrize(
    "one",
    [
        message(body={"status": "draft"}),
        message(body={"status": "stopped"}),
        message(body={"to": [{"reference": "Organization/HA1"}]}),
        message(body={"to": [{"reference": "HealthcareService/HA1-t"}]}),
        message(body={"to": [{"name": "the landlord"}]}),
        message(body={"to": ["HA1"]}),
        message(created=NOW - FRESH - 1),
        message(restriction=frozenset({AgencyId("LA1")})),
    ],
)
def test_others_are_not(one):
    assert list(mails(known(one))) == []


def test_a_message_that_is_kept_to_the_agency_itself_is_mailed_and_each_service_has_one():
    one = message(restriction=frozenset({AgencyId("HA1")}), body={"to": [{"reference": DUTY}, {"reference": DUTY}]})
    assert len(list(mails(known(one)))) == 1


def test_an_agency_that_has_left_is_told_nothing():
    assert list(mails(known(message(), team=(Place(party="HA1", until=NOW),)))) == []


@pytest.mark.parametrize(
    "email",
    ["", "duty", "@ha1.example", "duty@", "a@b@c.example", "duty@ha1.example\nBcc: x@y.example", "d u@ha1.example",
     "Duty <duty@ha1.example>", "d\u00fcty@ha1.example", "a@b.example,c@d.example", f"{'x' * 255}@ha1.example"],
)  # fmt: skip
def test_what_is_no_plain_address_is_none(email):
    assert list(mails(known(message(), email))) == []
