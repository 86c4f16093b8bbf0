"""Findings as the rules keep them: once, settled until an input changes, gone when the contradiction is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan.contradictions import RULES, hits
from plan.findings import ASKED, GONE, derive, instant
from plan.kinds import KINDS
from plan.known import HOUSE, Entry, Known, Place, Wake, Want, derived
from plan.model import AgencyId, EntryId, PersonId, Role, Section
from plan.unchecked import TOGETHER, listed, not_checked
from tests.support.bodies import bodies

ADA = PersonId("ada")
NOW = 1_772_445_600_000  # 2026-03-02T10:00:00Z
READERS = {Section.HEALTH: frozenset({Role.PERSON, Role.CLINICIAN}), Section.SOCIAL_CARE: frozenset(Role)}


def entry(id_: str, kind: str = "instruction", agency: str = "LA1", **body: Any) -> Entry:
    section = Section.HEALTH if agency == "RX1" else Section.SOCIAL_CARE
    text = {"instruction": {"text": "Words"}, "service": {"service": "Care"}, "medicine": {"medicine": "Senna"}}
    return Entry(
        id=EntryId(id_),
        type="ServiceRequest",
        kind=kind,
        section=section,
        agency=AgencyId(agency),
        version=1,
        at=NOW,
        created=NOW,
        body={**text.get(kind, {}), **body},
    )


LITRE = {"value": 1, "unit": "L/d"}
MORE = entry("more", topic="fluids", action="encourage", status="active", value={"value": 2, "unit": "L/d"})
LESS = entry(
    "less", agency="RX1", topic="fluids", action="restrict", status="active", value={"value": 1, "unit": "L/d"}
)


def world(*entries: Entry, now: int = NOW, **more: Any) -> Known:
    team = (Place(party="LA1"), Place(party="RX1"))
    return Known(person=ADA, now=now, entries={e.id: e for e in entries}, team=team, **{"readers": READERS, **more})


def kept(known: Known) -> Known:
    """What is known once the rules have come to rest, as the service's own hand leaves it."""
    for _ in range(4):
        entries = dict(known.entries)
        for want in derive(known):
            if not isinstance(want, Want):
                continue
            id_ = derived(ADA, want.key)
            if want.body is None:
                entries.pop(id_, None)
                continue
            KINDS[want.kind].form.model_validate(want.body)
            there = entries.get(id_)
            made = entry(id_, want.kind, HOUSE, **want.body)
            type_ = "DetectedIssue" if want.kind == "finding" else "Task"
            same = there is not None and there.body == want.body
            version = there.version + (not same) if there else 1
            entries[id_] = replace(
                made, type=type_, section=want.section, restriction=want.restriction, version=version
            )
        if entries == known.entries:
            return known
        known = replace(known, entries=entries)
    raise AssertionError("the rules do not come to rest")


def finding(known: Known) -> Entry:
    [one] = known.of("finding")
    return one


def tasks(known: Known) -> dict[str, str]:
    return {task.restriction and next(iter(task.restriction)): task.body["status"] for task in known.of("action")}  # type: ignore[misc]


def settled(known: Known, status: str = "resolved") -> Known:
    one = finding(known)
    body = {**one.body, "status": status, "resolution": {"reason": "Agreed."}}
    return replace(known, entries={**known.entries, one.id: replace(one, body=body, version=one.version + 1)})


def changed(known: Known, id_: str, **body: Any) -> Known:
    one = known.entries[EntryId(id_)]
    return replace(known, entries={**known.entries, one.id: replace(one, body={**one.body, **body})})


def without(known: Known, id_: str) -> Known:
    return replace(known, entries={key: one for key, one in known.entries.items() if key != id_})


def test_a_contradiction_is_found_once_and_both_authors_are_told_of_their_own_entry():
    known = kept(world(MORE, LESS))
    one = finding(known)
    assert (one.body["rule"], one.body["status"], one.section) == ("c05-fluids", "open", Section.HEALTH)
    assert one.body["sides"] == ["ServiceRequest/more", "ServiceRequest/less"]
    assert one.body["identified"] == instant(NOW)
    for task in known.of("action"):
        assert task.restriction is not None
        [agency] = task.restriction
        own = {"LA1": MORE, "RX1": LESS}[agency]
        assert (task.section, task.body["focus"], task.body["what"]) == (own.section, own.reference, ASKED)
    later = kept(replace(known, now=NOW + 5))
    assert later.entries == known.entries


def test_what_one_agency_wrote_alone_is_told_to_it_once():
    known = kept(world(MORE, replace(LESS, agency=AgencyId("LA1"), section=Section.SOCIAL_CARE)))
    assert tasks(known) == {"LA1": "planned"}


def test_what_the_service_wrote_itself_is_told_to_nobody():
    known = kept(world(MORE, replace(LESS, agency=HOUSE)))
    assert tasks(known) == {"LA1": "planned"}


@pytest.mark.parametrize("status", ["resolved", "withdrawn"])
def test_what_is_settled_stays_so_until_a_field_changes_that_the_rule_reads(status):
    known = kept(settled(kept(world(MORE, LESS)), status))
    assert finding(known).body["status"] == status
    assert set(tasks(known).values()) == {"done"}
    noted = kept(changed(known, "more", note="Likes tea."))
    assert finding(noted).body == finding(known).body
    again = kept(changed(noted, "more", value={"value": 3, "unit": "L/d"}))
    assert finding(again).body["status"] == "open"
    assert "resolution" not in finding(again).body
    assert set(tasks(again).values()) == {"planned"}


@pytest.mark.parametrize(
    "end",
    [
        lambda known: without(known, "more"),
        lambda known: changed(known, "more", status="completed"),
        lambda known: changed(known, "less", value={"value": 2, "unit": "L/d"}),
    ],
)
def test_when_the_contradiction_is_gone_the_finding_and_its_tasks_close(end: Callable[[Known], Known]):
    known = kept(end(kept(world(MORE, LESS))))
    assert (finding(known).body["status"], finding(known).body["closed"]) == ("gone", GONE)
    assert set(tasks(known).values()) == {"cancelled"}
    assert kept(replace(known, now=NOW + 9)).entries == known.entries


def test_what_comes_back_after_it_was_gone_is_open_again():
    first = kept(world(MORE, LESS))
    gone = kept(changed(first, "more", status="on_hold"))
    back = kept(replace(changed(gone, "more", status="active"), now=NOW + 7))
    assert finding(back).body["status"] == "open"
    assert finding(back).body["identified"] == instant(NOW + 7)
    assert set(tasks(back).values()) == {"planned"}


def test_what_an_agency_makes_of_its_task_is_left_to_it():
    known = kept(world(MORE, LESS))
    task = next(task for task in known.of("action") if task.restriction == frozenset({AgencyId("LA1")}))
    done = replace(task, body={**task.body, "status": "done", "note": "We rang the ward."})
    known = kept(replace(known, entries={**known.entries, task.id: done}))
    assert known.entries[task.id].body["note"] == "We rang the ward."
    assert known.entries[task.id].body["status"] == "done"
    gone = kept(without(known, "less"))
    assert gone.entries[task.id].body == known.entries[task.id].body


def test_a_finding_follows_its_sides_and_is_taken_away_where_it_has_no_place():
    known = kept(world(MORE, LESS))
    assert finding(known).restriction is None
    closer = replace(LESS, restriction=frozenset({AgencyId("LA1")}))
    known = kept(replace(known, entries={**known.entries, LESS.id: closer}))
    assert finding(known).restriction == frozenset({AgencyId("LA1"), AgencyId("RX1")})
    nowhere = [replace(MORE, restriction=frozenset()), replace(LESS, restriction=frozenset())]
    known = kept(replace(known, entries={**known.entries, **{one.id: one for one in nowhere}}))
    assert list(known.of("finding")) == []
    assert set(tasks(known).values()) == {"cancelled"}
    assert kept(world(*nowhere)).entries == {one.id: one for one in nowhere}


def test_findings_that_people_brought_are_left_alone():
    theirs = entry("theirs", "finding", "RX1", rule="c05-fluids", sides=["ServiceRequest/a"], status="open")
    assert kept(world(theirs)).entries == {"theirs": theirs}


def test_a_finding_whose_rule_is_not_there_any_more_closes():
    known = kept(world(MORE, LESS))
    one = finding(known)
    old = replace(one, id=derived(ADA, "finding:c99-old:less+more"), body={**one.body, "rule": "c99-old"})
    known = kept(replace(known, entries={**known.entries, old.id: old}))
    assert known.entries[old.id].body["status"] == "gone"


def test_it_is_asked_again_when_something_that_the_rules_read_begins_or_ends():
    ends = {"start": "2026-03-01", "end": "2026-03-05"}
    wakes = [
        one.at for one in derive(world(replace(MORE, body={**MORE.body, "period": ends}))) if isinstance(one, Wake)
    ]
    assert len(wakes) == 1
    assert NOW < wakes[0] <= NOW + 5 * 86_400_000
    assert list(derive(world())) == []


def test_a_rule_before_its_time_or_after_it_finds_nothing():
    early = world(MORE, LESS, now=0)
    assert list(hits(early)) == []


def test_what_no_rule_can_read_is_listed_with_its_reason():
    unread = [
        entry("i1", topic="fluids", action="encourage", status="active"),
        entry("i2", topic="fluids", action="restrict", status="active", value={"value": 8, "unit": "cups"}),
        entry("i3", topic="skin", action="do", status="active"),
        entry("i4", status="active"),
        entry("i5", topic="diet", action="do", status="active", level={"text": "Soft diet"}),
        entry("i6", topic="fluids", action="do", status="active", level={"text": "Gloopy"}),
        entry("i7", topic="mobility", action="do", status="active", level={"text": "Wobbly"}),
        entry("i8", topic="medicines", action="give", status="active", times=["08:00"]),
        entry("s1", "service", status="active", service="Help"),
        entry("s2", "service", status="active", gives_medicines=True, visits=[{"start": "09:00", "tasks": "Wash"}]),
        entry("m1", "medicine", status="active"),
        entry("y1", "stay", status="in_hospital", planned_discharge="2026-03-06"),
        entry("n1", "need", status="active", need="Heart failure", note="No salt."),
        replace(entry("d1", "document"), type="DocumentReference"),
        replace(entry("r1", "record"), type="NutritionOrder"),
    ]
    found = {ref for one in listed(list(not_checked(world(*unread)))) for ref in one["entries"]}  # type: ignore[attr-defined]
    assert found == {one.reference for one in unread}


def test_what_the_rules_can_read_or_is_over_is_not_listed():
    read = [
        MORE,
        LESS,
        entry("i1", topic="fluids", action="avoid", status="active"),
        entry("i2", topic="fluids", action="monitor", status="active"),
        entry("i3", topic="skin", action="do", status="completed"),
        entry("i4", topic="diet", action="avoid", status="active"),
        entry("i5", topic="texture", action="do", status="active", level={"text": "Level 4"}),
        entry("i6", topic="mobility", action="do", status="active", carers=2),
        entry("i7", topic="mobility", action="avoid", status="active", code={"text": "stairs"}),
        entry("i8", topic="medicines", action="monitor", status="active"),
        entry("s1", "service", status="completed", service="Help", note="Over."),
        entry("s2", "service", status="active", gives_medicines=True, visits=[{"start": "09:00"}]),
        entry("m1", "medicine", status="active", medicine="Senna", as_needed=True),
        entry("m2", "medicine", status="stopped", medicine="Senna"),
        entry("m3", "medicine", status="active", medicine="Senna", times=["08:00"], self_given=True),
        entry("y1", "stay", status="finished", planned_discharge="2026-03-06"),
        entry("y2", "stay", status="in_hospital"),
        entry("n1", "need", status="active", need="Heart failure"),
        entry("n2", "need", certainty="entered_in_error", need="Heart failure", note="Not hers."),
        replace(entry("r1", "record"), type="Procedure"),
    ]
    quiet = kept(world(*read))
    assert [one.why for one in not_checked(quiet)] == []


def test_sides_whose_finding_has_no_place_are_listed_together():
    sides = [replace(MORE, restriction=frozenset()), replace(LESS, restriction=frozenset())]
    [one] = list(not_checked(kept(world(*sides))))
    assert (one.entries, one.why) == (tuple(sides), TOGETHER)


KINDS_READ = sorted({kind for row in RULES for kind in row.reads if kind in KINDS})


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_rule_stumbles_over_what_an_ehr_left_out(data):
    """A body that is seen in a resource of a FHIR client may lack any field, or hold any word in it."""
    made = []
    for number in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(KINDS_READ))
        body = data.draw(bodies(KINDS[kind].form))
        left = {name: value for name, value in body.items() if data.draw(st.booleans()) or name == "status"}
        made.append(entry(f"e{number}", kind, data.draw(st.sampled_from(["LA1", "RX1"])), **left))
    known = kept(world(*made))
    list(not_checked(known))
