"""Missing input, rule by rule, on plans built by hand: what counts as being heard, and what makes it needed again."""

from dataclasses import replace
from typing import Any

import pytest

from plan.attention_missing import changed_at, due_at, fingerprint, heard, may_speak, missing
from plan.attention_rules import DAY, MATERIAL, RULES, Material, RuleError
from plan.kinds import KINDS
from plan.kinds.flag import CODES
from plan.known import Agency, Entry, Known, Place, Wake, Want, derived, moment
from plan.model import AgencyId, EntryId, PersonId, Role, Section

NOW = moment("2026-06-01") or 0
MEDICAL, CONTINGENT, HOME, AGREED = RULES
CARE = Section.SOCIAL_CARE


def entry(
    id_: str, kind: str, days: float = 0, section: Section = CARE, role: str = "social_worker", **more: Any
) -> Entry:
    """An entry that was written so many days ago."""
    at = round(NOW - days * DAY)
    made = {"type": KINDS[kind].name.title() if kind in KINDS else "MedicationStatement", "version": 1, "at": at,
            "created": at, "agency": AgencyId("LA1"), "by_agency": "LA1"}  # fmt: skip
    return Entry(id=EntryId(id_), kind=kind, section=section, by_role=role, **{**made, **more})


def known(*entries: Entry, **more: Any) -> Known:
    return Known(person=PersonId("ada"), now=NOW, entries={one.id: one for one in entries}, **more)


SERVICE = entry("s", "service", 10, body={"service": "Morning visit", "status": "active"})
NEED = entry("n", "need", 50, Section.HEALTH, "clinician", body={"need": "Heart failure", "status": "active"})
SIGNED = entry("r", "review", 5, role="clinician", body={"content": fingerprint([SERVICE])})


def test_every_field_that_is_material_is_a_field_of_its_kind():
    for row in MATERIAL.values():
        assert set(row.fields) <= set(KINDS[row.kind].form.model_fields), row.kind


def test_every_rule_says_where_it_comes_from_and_raises_a_flag_that_there_is():
    assert {rule.code for rule in RULES} == set(CODES)
    assert all(rule.holds(NOW) for rule in RULES)


@pytest.mark.parametrize(
    "change", [{"source": ""}, {"since": " "}, {"owner": ""}, {"since": "soon"}, {"until": "once"}]
)
def test_a_row_without_its_source_its_dates_or_its_owner_cannot_be(change):
    with pytest.raises(RuleError):
        Material(**{"kind": "need", "fields": (), "source": "s", "since": "2026-01-01", "owner": "o", **change})


def test_a_rule_holds_from_its_first_day_to_its_last():
    row = Material(kind="need", fields=(), source="s", since="1970-01-03", owner="o", until="1970-01-05")
    assert [row.holds(day * DAY) for day in (1, 2, 4, 5)] == [False, True, True, False]


def test_a_rule_that_does_not_hold_yet_asks_nothing(monkeypatch):
    monkeypatch.setattr("plan.attention_missing.RULES", (replace(MEDICAL, since="2126-01-01"),))
    assert not list(missing(known(SERVICE, NEED)))


RISKS = [
    ("a condition", NEED, True),
    ("a resolved condition", replace(NEED, body={"need": "Flu", "status": "resolved"}), False),
    ("a refuted condition", replace(NEED, body={"need": "Flu", "certainty": "refuted"}), False),
    ("a need that is no condition", replace(NEED, section=CARE), False),
    ("a condition that not all may see", replace(NEED, restriction=frozenset()), False),
    ("a medicine", entry("m", "record", 40, Section.HEALTH, type="MedicationStatement"), True),
    ("an allergy", entry("m", "record", 40, Section.HEALTH, type="AllergyIntolerance"), False),
    ("an admission", ("finished", "2026-04-21", None), True),
    ("an emergency", ("in_hospital", "2026-04-21", "21"), True),
    ("a planned admission", ("finished", "2026-04-21", "11"), False),
    ("a stay to come", ("planned", "2026-04-21", None), False),
    ("a cancelled stay", ("cancelled", "2026-04-21", None), False),
    ("an old admission", ("finished", "2026-02-22", None), False),
    ("a stay without a day", ("in_hospital", "", None), False),
]


@pytest.mark.parametrize("what,needed", [row[1:] for row in RISKS], ids=[row[0] for row in RISKS])
def test_a_clinician_is_needed_for_who_is_at_clinical_risk(what, needed):
    if isinstance(what, tuple):
        status, admitted, method = what
        body = {"status": status, "admitted": admitted} | ({"method": {"code": method}} if method else {})
        what = entry("t", "stay", 40, Section.TRANSITIONS, body=body)
    assert (due_at(MEDICAL, known(SERVICE, what)) is not None) is needed


def test_the_days_count_from_when_the_care_began():
    assert due_at(MEDICAL, known(SERVICE, NEED)) == NOW - 3 * DAY
    began = {**SERVICE.body, "period": {"start": "2026-05-20"}}
    assert due_at(MEDICAL, known(replace(SERVICE, body=began), NEED)) == moment("2026-05-27")
    ended = {**SERVICE.body, "status": "completed"}
    assert due_at(MEDICAL, known(replace(SERVICE, body=ended), NEED)) is None
    assert due_at(MEDICAL, known(NEED)) is None
    assert due_at(MEDICAL, known(SERVICE, NEED, identity={"died": True})) is None


HEARD = [
    ("a review", entry("r", "review", 2, role="clinician"), True),
    ("a review of another section", entry("r", "review", 2, Section.HEALTH, "clinician"), False),
    ("a review by the council", entry("r", "review", 2), False),
    ("an instruction", entry("i", "instruction", 2, role="clinician", body={"text": "Weigh"}), True),
    ("a task of their own", entry("a", "action", 2, role="clinician"), True),
    ("another's task that they moved on", entry("a", "action", 2, role="clinician", by_agency="P10001"), False),
    ("a message", entry("m", "message", 2, role="clinician"), False),
    ("what not all may see", entry("i", "goal", 2, role="clinician", restriction=frozenset()), False),
]


@pytest.mark.parametrize("word,counts", [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_a_clinician_is_heard_by_an_entry_or_a_review_in_the_section(word, counts):
    assert (heard(MEDICAL, known(SERVICE, NEED, word)) is not None) is counts


@pytest.mark.parametrize("outcome,counts", [("agreed", True), ("disagreed", False), (None, False)])
def test_only_that_they_agree_is_the_persons_agreement(outcome, counts):
    body = {"outcome": outcome} if outcome else {}
    said = entry("r", "review", 2, role="person", body=body)
    assert (heard(AGREED, known(SERVICE, said)) is not None) is counts
    assert heard(AGREED, known(SERVICE, entry("g", "goal", 2, role="person"))) is None


def weight(id_: str, days: float, kilograms: float, unit: str = "kg", **more: Any) -> Entry:
    body = {"code": {"text": "Body weight"}, "value": {"value": kilograms, "unit": unit}}
    return entry(id_, "observation", days, body=body, **more)


FALL = entry("f", "observation", 1, body={"code": {"code": "1912002"}})
BEFORE = weight("w", 20, 70)
CHANGES = [
    ("nothing", [], None),
    ("another package", [entry("s2", "service", 1, body={"service": "Evening", "status": "active"})], 1),
    ("a note on the package", [replace(SERVICE, at=NOW - DAY, body={**SERVICE.body, "note": "Key with Bea"})], None),
    ("an hour of the package", [replace(SERVICE, at=NOW - DAY, body={**SERVICE.body, "package": "Double"})], 1),
    ("a fall", [FALL], 1),
    ("a fall before", [replace(FALL, created=NOW - 6 * DAY)], None),
    ("a fall in words", [replace(FALL, body={"code": {"text": "Fell"}})], 1),
    ("an observation of nothing known", [replace(FALL, body={"code": "fall"})], None),
    ("equipment elsewhere", [entry("e", "equipment", 1, Section.HOUSING)], 1),
    ("equipment from before", [entry("e", "equipment", 9, Section.HOUSING)], None),
    ("a medicine", [entry("m", "record", 1, Section.HEALTH, "clinician", type="MedicationRequest")], 1),
    ("a medicine from before", [entry("m", "record", 9, Section.HEALTH, type="MedicationRequest")], None),
    ("six per cent of the weight", [BEFORE, weight("w2", 1, 65.8)], 1),
    ("six per cent since it was first known", [weight("w1", 4, 70), weight("w2", 1, 65.8)], 1),
    ("four per cent of the weight", [BEFORE, weight("w2", 1, 67.2)], None),
    ("five per cent to the gram", [BEFORE, weight("w2", 1, 66.5)], None),
    ("weight in other units", [BEFORE, weight("w2", 1, 10.5, "st")], None),
    ("weight lost before", [BEFORE, weight("w2", 6, 60)], None),
    ("weight lost over a year", [weight("w", 20, 70), weight("w2", 1, 60)], None),
    ("the first weight", [weight("w2", 1, 60)], None),
    ("a weight in words", [BEFORE, entry("w2", "observation", 1, body={"code": {"text": "Weight"}, "value": "less"})],
     None),
]  # fmt: skip


@pytest.mark.parametrize("more,days", [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_what_is_material_after_a_sign_off(more, days, request):
    if "over a year" in request.node.name:
        more[0].body["date"] = "2025-01-01"
    whole = known(*{one.id: one for one in (SERVICE, NEED, SIGNED, *more)}.values())
    last = heard(MEDICAL, whole)
    assert last is not None
    assert changed_at(MEDICAL, whole, last) == (None if days is None else NOW - days * DAY)


def test_a_package_that_went_is_material_as_of_the_sign_off():
    need = entry("n2", "need", 20, body={"need": "Washing", "status": "active"})
    signed = replace(SIGNED, body={"content": fingerprint([SERVICE, need])})
    whole = known(SERVICE, NEED, signed)
    last = heard(MEDICAL, whole)
    assert last is not None
    assert changed_at(MEDICAL, whole, last) == signed.at


def test_after_an_entry_every_new_version_is_material_because_nothing_says_what_was_read():
    word = entry("i", "goal", 5, role="clinician")
    whole = known(replace(SERVICE, at=NOW - DAY), NEED, word)
    assert due_at(MEDICAL, whole) == NOW - DAY


def test_a_change_in_the_first_week_waits_for_its_end():
    young = replace(SERVICE, created=NOW - 2 * DAY, at=NOW - DAY)
    word = entry("i", "goal", 1.5, role="clinician")
    assert due_at(MEDICAL, known(young, NEED, word)) == NOW + 5 * DAY
    assert next(iter(missing(known(young, NEED, word)))) == Wake(NOW + 5 * DAY)


def team(*kinds: tuple[str, str]) -> dict[str, Any]:
    agencies = {AgencyId(id_): Agency(id=AgencyId(id_), kind=kind) for id_, kind in kinds}
    return {"agencies": agencies, "team": tuple(Place(party=id_) for id_ in agencies)}


def wants(whole: Known) -> dict[str, Want]:
    return {one.key: one for one in missing(whole) if isinstance(one, Want)}


def test_the_task_goes_to_the_practice_and_where_there_is_none_to_nobody_yet():
    asked = wants(known(SERVICE, NEED, **team(("P2", "gp_practice"), ("P1", "gp_practice"))))
    who = asked["missing:no_medical_input:social_care:task:1"].body
    assert who is not None
    assert who["who"] == {"reference": "Organization/P1", "name": "P1"}
    body = wants(known(SERVICE, NEED))["missing:no_medical_input:social_care:task:1"].body
    assert body is not None
    assert "who" not in body


def written(whole: Known) -> Known:
    """A plan once what is wanted is written."""
    made = dict(whole.entries)
    for one in wants(whole).values():
        id_ = known_id(whole, one.key)
        made[id_] = entry(id_, one.kind, 0, one.section, "service", body=one.body)
    return replace(whole, entries=made)


def known_id(whole: Known, key: str) -> EntryId:
    return derived(whole.person, key)


def test_it_comes_to_rest_and_is_raised_again_with_another_task_where_the_first_was_done():
    raised = written(known(SERVICE, NEED))
    assert not wants(raised)
    cleared = written(replace(raised, entries={**raised.entries, EntryId("r"): replace(SIGNED, at=NOW)}))
    assert not wants(cleared)
    again = replace(cleared, entries={**cleared.entries, EntryId("f"): replace(FALL, created=NOW + 1)}, now=NOW + 1)
    assert set(wants(again)) == {
        "missing:no_medical_input:social_care",
        "missing:no_medical_input:social_care:task:2",
    }


def test_a_flag_that_somebody_took_down_is_up_again_and_the_open_task_stays_the_one():
    raised = written(known(SERVICE, NEED))
    key = "missing:no_medical_input:social_care"
    flag = raised.made(key)
    assert flag is not None
    down = replace(flag, body={**flag.body, "status": "inactive"})
    assert set(wants(replace(raised, entries={**raised.entries, flag.id: down}))) == {key}


def test_a_flag_without_a_period_goes_down_all_the_same():
    raised = written(known(SERVICE, NEED))
    flag = raised.made("missing:no_medical_input:social_care")
    assert flag is not None
    bare = {name: value for name, value in flag.body.items() if name != "period"}
    entries = {**raised.entries, flag.id: replace(flag, body=bare), EntryId("r"): replace(SIGNED, at=NOW)}
    body = wants(replace(raised, entries=entries))["missing:no_medical_input:social_care"].body
    assert body is not None
    assert list(body["period"]) == ["end"]


def test_housing_is_needed_where_a_landlord_is_on_the_team_and_social_care_where_there_is_a_package():
    ramp = entry("e", "equipment", 40, Section.HOUSING)
    assert due_at(HOME, known(ramp)) is None
    assert due_at(HOME, known(ramp, **team(("HA1", "housing")))) is not None
    plan = entry("c", "contingency", 40, Section.CONTINGENCY, "clinician")
    assert due_at(CONTINGENT, known(plan)) is None
    assert due_at(CONTINGENT, known(plan, SERVICE)) is not None


def test_who_is_asked_to_be_heard_may_sign():
    assert may_speak(Role.CLINICIAN, CARE)
    assert not may_speak(Role.CLINICIAN, Section.HOUSING)


def test_a_task_that_was_done_already_stays_as_it_is_when_the_flag_goes_down():
    raised = written(known(SERVICE, NEED))
    task = raised.made("missing:no_medical_input:social_care:task:1")
    assert task is not None
    done = replace(task, body={**task.body, "status": "done", "note": "Rang Bea"})
    cleared = replace(raised, entries={**raised.entries, task.id: done, EntryId("r"): replace(SIGNED, at=NOW)})
    assert set(wants(cleared)) == {"missing:no_medical_input:social_care"}
