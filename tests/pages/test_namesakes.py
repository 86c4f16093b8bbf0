"""Agencies of one name are told apart where one of them is chosen: by what they are, where they are, at last by id."""

import re
from html import unescape

import pytest

from api.deeds import Deed
from api.pages.care.talk.namesakes import Named, options
from auth.access import Verb
from fhir_facade.agencies import AGENCY_KIND
from plan.model import EntryId
from tests.support.larch import larch
from tests.support.talking import again, care, faults, reader

A, B = Named("A1", "Elm Practice"), Named("B1", "Elm Practice")
IN_LEEDS, IN_YORK = Named("A1", "Elm", "Pharmacy", "Leeds"), Named("B1", "Elm", "Pharmacy", "York")

TABLE = {
    "names of their own": ([Named("A1", "Oak"), Named("B1", "Elm")], ["Elm", "Oak"]),
    "by place": ([IN_YORK, IN_LEEDS], ["Elm (Pharmacy, Leeds)", "Elm (Pharmacy, York)"]),
    "by kind": ([Named("A1", "Elm", "Pharmacy"), Named("B1", "Elm", "Hospital")], ["Elm (Hospital)", "Elm (Pharmacy)"]),
    "by id alone": ([B, A], ["Elm Practice (A1)", "Elm Practice (B1)"]),
    "all the same": (
        [Named("A1", "Elm", "Pharmacy", "Leeds"), Named("B1", "Elm", "Pharmacy", "Leeds")],
        ["Elm (Pharmacy, Leeds, A1)", "Elm (Pharmacy, Leeds, B1)"],
    ),
    "one of which nothing is known": ([IN_LEEDS, Named("B1", "Elm")], ["Elm (B1)", "Elm (Pharmacy, Leeds)"]),
    "written otherwise": ([Named("A1", "ELM  practice"), B], ["ELM  practice (A1)", "Elm Practice (B1)"]),
    "one that is called as another is told": (
        [IN_LEEDS, IN_YORK, Named("C1", "Elm (Pharmacy, Leeds)")],
        ["Elm (Pharmacy, Leeds) (C1)", "Elm (Pharmacy, Leeds, A1)", "Elm (Pharmacy, York)"],
    ),
    "in no order but the names'": ([Named("A1", "oak"), Named("B1", "Ash"), Named("C1", "Elm")], ["Ash", "Elm", "oak"]),
    "none": ([], []),
}


@pytest.mark.parametrize("case", TABLE)
def test_what_is_enough_is_said_and_no_more(case):
    there, labels = TABLE[case]
    made = options(there)
    assert [label for _, label in made] == labels
    assert {id_ for id_, _ in made} == {one.id for one in there}


def test_of_a_part_of_the_directory_everything_is_said():
    assert options([IN_YORK, Named("C1", "Ash")], whole=False) == [
        ("C1", "Ash (C1)"),
        ("B1", "Elm (Pharmacy, York, B1)"),
    ]


async def listed(world, id_, name, kind="", city=""):
    """An agency of the directory, with its kind and its place."""
    organization = {"resourceType": "Organization", "id": id_, "active": True, "name": name}
    organization |= {"type": [{"coding": [{"system": AGENCY_KIND, "code": kind}]}]} if kind else {}
    organization |= {"address": [{"line": ["1 High Street"], "city": city}]} if city else {}
    deed = Deed(verb=Verb.CREATE, type="Organization", id=EntryId(id_), resource=organization, settled=True)
    await world.desk.write(world.visit("administrator", id_), [deed])


def offered(page):
    """The agencies of the list, in their order."""
    chosen = page.text.partition('<select class="nhsuk-select')[2].partition("</select>")[0]
    return [(id_, unescape(text)) for id_, text in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)</option>', chosen)]


async def test_who_makes_a_referral_tells_two_of_one_name_apart(world):
    place = await larch(world)
    await listed(world, "PH2", "Zinnia Chemist", "pharmacy", "York")
    await listed(world, "PH1", "Zinnia Chemist", "pharmacy", "Leeds")
    await listed(world, "AA1", "Early & Late", "pharmacy", "Leeds")
    await listed(world, "XX1", "Test General practice", "gp_practice", "Hull")
    page = await (await reader(place, "RX1")).get(care(place, "referrals/new"))
    assert offered(page) == [
        ("LA1", "Test Adult social care"),
        ("BA1", "Test Benefits advice"),
        ("P10001", "Test General practice (General practice)"),
        ("HC1", "Test Home-care provider"),
        ("HA1", "Test Housing association or landlord"),
        ("HUB1", "Test Transfer-of-care hub"),
        ("AA1", "Early & Late"),
        ("XX1", "Test General practice (General practice, Hull)"),
        ("PH1", "Zinnia Chemist (Community pharmacy, Leeds)"),
        ("PH2", "Zinnia Chemist (Community pharmacy, York)"),
    ]


async def test_a_namesake_of_ones_own_agency_is_not_taken_for_it(world):
    place = await larch(world)
    await listed(world, "RX7", "Test Hospital", "hospital", "York")
    made = offered(await (await reader(place, "RX1")).get(care(place, "referrals/new")))
    assert ("RX7", "Test Hospital (Hospital, York)") in made
    assert "RX1" not in dict(made)


async def test_among_many_agencies_each_is_told_whole_and_what_was_chosen_stays(world):
    place = await larch(world)
    for number in range(100):
        await listed(world, f"Z{number:03}", "Zeta", "pharmacy", "Leeds")
    nurse = await reader(place, "RX1")
    made = dict(offered(await nurse.get(care(place, "referrals/new?name=Zeta"))))
    assert made["Z007"] == "Zeta (Community pharmacy, Leeds, Z007)"
    assert made["LA1"] == "Test Adult social care (Adult social care, LA1)"
    page = await again(nurse, care(place, "referrals/new?name=Zeta"), to="Z007")
    assert [field for field, _ in faults(page)] == ["referral", "priority", "note"]
    assert '<option value="Z007" selected>' in page.text
