"""The simulation: the same seed gives the same bytes, every number has a source, and what it says is true is so."""

import ast
import json
from collections import Counter
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.simulation import events, homes, stays
from api.simulation.events import DEEDS, Event
from api.simulation.life import DAY
from api.simulation.parameters import PARAMETERS, ROWS
from api.simulation.stream import BEGINS, life, stream
from api.simulation.town import SEATS, residents
from plan.identity import nhs_number
from plan.kinds import KINDS, PERSON
from plan.known import AGENCY_KINDS
from plan.model import Section
from plan.outcomes import wilson
from tests.house.tree import ROOT

MANY = [list(life(who, 60, 7)) for who in residents(1000, 7)]
ALL = [event for lived in MANY for event in lived]


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others():
    first, again, other = ([event.line() for event in stream(40, 31, seed)] for seed in (1, 1, 2))
    assert first == again != other


def test_what_happens_to_somebody_does_not_hang_on_how_many_others_there_are():
    few, many = list(stream(3, 31, 1)), list(stream(50, 31, 1))
    there = {event.person for event in few}
    assert few == [event for event in many if event.person in there]


def test_everything_comes_in_its_order_and_within_its_time():
    told = [event.at for event in stream(50, 31, 1)]
    assert all(one <= other for one, other in pairwise(told))
    assert (told[0], told[-1] < BEGINS + 31 * DAY) == (BEGINS, True)


def test_a_line_is_read_back_as_the_event_that_it_was():
    made = list(stream(10, 31, 1))
    assert [event.line() for event in events.read(event.line() for event in made)] == [e.line() for e in made]


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "no JSON",
        "[1]",
        '{"at": "2026-03-02T00:00:00Z", "person": "p", "by": "b", "do": "dance"}',
        '{"at": "yesterday", "person": "p", "by": "b", "do": "admit"}',
    ],
)
def test_a_line_that_is_no_event_is_told_by_its_number(line):
    good = Event(at=BEGINS, person="p", by="b", do="admit").line()
    with pytest.raises(ValueError, match="line 2 is no event"):
        list(events.read([good, line]))


@pytest.mark.parametrize("people, days", [(0, 1), (1, 0), (-1, 3)])
def test_nobody_and_no_time_are_no_simulation(people, days):
    with pytest.raises(ValueError, match="at least one"):
        stream(people, days, 1)


def test_all_that_can_happen_happens():
    assert Counter(event.do for event in ALL).keys() == DEEDS.keys()


def test_every_number_has_a_meaning_and_a_source_and_is_used():
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.meaning and row.source for row in ROWS)
    used = {
        node.value
        for file in (ROOT / "api" / "simulation").glob("*.py")
        if file.name != "parameters.py"
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert set(PARAMETERS) - used == set()


def test_everybody_has_a_number_that_is_nobodys_and_is_called_test():
    begun = [event for event in ALL if event.do == "begin"]
    assert len(begun) == len({event.said["body"]["nhs_number"] for event in begun}) == 1000
    for event in begun:
        PERSON.form.model_validate(event.said["body"])
        assert nhs_number(event.said["body"]["nhs_number"]).startswith("999")
        assert event.said["body"]["name"]["family"] == "Test"


def test_forty_live_at_larch_court_and_everybody_works_for_an_agency_of_a_known_kind():
    who = list(residents(1000, 7))
    estates = Counter(one.estate.name for one in who)
    assert estates["Larch Court"] == 40
    assert len(estates) == 25
    assert who[11].estate.agency("gp_practice") == "P10001"
    assert who[11].estate.uprn == "100000000001"
    assert len({one.estate.flat_uprn(one.flat) for one in who}) == 1000
    assert SEATS.keys() <= AGENCY_KINDS.keys()


def test_every_entry_is_a_valid_body_of_its_kind():
    for event in ALL:
        if event.do == "write":
            body = json.loads(json.dumps(event.said["body"]).replace("{carer}", "somebody"))
            KINDS[event.said["kind"]].form.model_validate(body)
            assert Section(event.said["section"])


def _open(lived: list[Event], stay: str, flat: int) -> set[str]:
    """What was not confirmed for the time at which somebody left, told from the deeds alone."""
    who = next(one for one in residents(1000, 7) if one.number == flat)
    planned, said = "", {}
    for event in lived:
        if event.said.get("stay") == stay:
            if event.do in {"notice", "move"}:
                planned = event.said["planned"]
            if event.do in {"confirm", "told"}:
                said[event.said["item"]] = planned
            if event.do == "depart":
                break
    wanted = {"person.agrees": True}
    wanted |= {s.item: s.timed for s in stays.STEPS if s.blocking and (not s.when or getattr(who, s.when))}
    return {item for item, timed in wanted.items() if item not in said or (timed and said[item] != planned)}


def test_what_is_told_of_a_departure_is_what_the_deeds_come_to():
    seen: Counter[str] = Counter()
    for number, lived in enumerate(MANY[:300], 1):
        for event in lived:
            if event.do == "truth" and "gate" in event.said:
                missing = _open(lived, event.said["stay"], number)
                assert missing == set(event.said["open"])
                assert event.said["gate"] == ("not_ready" if missing else "ready")
                seen[event.said["gate"]] += 1
    assert min(seen["ready"], seen["not_ready"]) > 50


def test_who_is_sent_home_unready_is_sent_with_all_that_an_override_needs():
    for lived in MANY:
        gates = {e.said["stay"]: e.said["gate"] for e in lived if e.do == "truth" and "gate" in e.said}
        for event in lived:
            if event.do == "depart":
                override = event.said.get("override", {})
                assert set(override) == ({"reason", "text", "receiver", "mitigation"} if override else set())
                assert bool(override) == (gates[event.said["stay"]] == "not_ready")


def test_nothing_happens_to_who_has_died():
    died = [lived for lived in MANY if any(event.do == "die" for event in lived)]
    assert died
    assert all(lived[-1].do == "die" for lived in died)


def test_nobody_visits_who_is_in_hospital():
    for lived in MANY:
        stays_of = {}
        for event in lived:
            if event.do == "admit":
                stays_of[event.said["stay"]] = event.at
            if event.do in {"depart", "cancel"}:
                stays_of.pop(event.said["stay"])
            assert not (event.do == "concern" and stays_of)


def _count(do: str) -> int:
    return sum(event.do == do for event in ALL)


def _unheard() -> int:
    return sum(e.do == "truth" and "acknowledged" in e.said and e.said["acknowledged"] is None for e in ALL)


@pytest.mark.parametrize(
    "parameter, happened, all_",
    [
        ("carer", lambda: sum(one.carer for one in residents(1000, 7)), lambda: 1000),
        ("signed_off", lambda: len({e.person for e in ALL if "signed" in e.said}), lambda: 1000),
        ("contradiction", lambda: len({e.person for e in ALL if "contradiction" in e.said}), lambda: 1000),
        ("never_acknowledged", _unheard, lambda: _count("concern")),
        ("urgent", lambda: sum(e.said.get("urgency") == "urgent" for e in ALL), lambda: _count("concern")),
    ],
)
def test_what_happens_is_as_likely_as_its_parameter_says(parameter, happened, all_):
    interval = wilson(happened(), all_(), z=4)
    assert interval
    assert interval.low <= PARAMETERS[parameter] <= interval.high


def test_the_goals_that_are_scored_are_somebodys():
    for lived in MANY:
        names = {event.said["name"] for event in lived if event.said.get("kind") == "goal"}
        assert {event.said["goal"] for event in lived if event.do == "score"} <= names
        assert 1 <= len(names) <= len(homes.HOPES)


def test_the_command_prints_the_stream():
    ran = CliRunner().invoke(app, ["simulate", "--people", "3", "--days", "9", "--seed", "5"])
    assert ran.exit_code == 0
    assert ran.stdout.splitlines() == [event.line() for event in stream(3, 9, 5)]


def test_the_command_prints_what_it_draws_by():
    ran = CliRunner().invoke(app, ["simulate", "--parameters"])
    assert ran.stdout.splitlines()[0].split("\t")[0] == ROWS[0].name
    assert len(ran.stdout.splitlines()) == len(ROWS)
