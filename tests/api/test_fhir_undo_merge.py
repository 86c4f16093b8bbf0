"""The way back of a merge: untouched copies go, touched ones stay, and the Patients are as they were."""

from typing import Any

import pytest

from tests.support.deeds import goal as goal_deed
from tests.support.r4 import JSON, R4, created, goal, issue
from tests.support.two import begun, said, words


@pytest.fixture
async def two(world):
    return await begun(world)


async def test_a_merge_can_be_taken_back(two):
    made = await created(two.client, goal(two.source))
    await created(two.client, goal(two.target, "Here already"))
    before = await two.patients()
    plans = [plan.get("goal") for plan in await two.of_target("CarePlan?")]
    await two.asked()
    answer = await two.asked("undo-merge")
    assert "Taken back. It removed 2 entries that you may see" in words(answer)
    assert [bare(one) for one in await two.patients()] == [bare(one) for one in before]
    assert [plan.get("goal") for plan in await two.of_target("CarePlan?")] == plans
    assert [one["description"]["text"] for one in await two.of_target("Goal?")] == ["Here already"]
    assert await two.of_target("Task?") == []
    assert await two.read("Goal", made["id"]) == made
    assert said(await two.asked())["result"]["id"] == two.target


def bare(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without what every version changes."""
    return {name: value for name, value in resource.items() if name != "meta"}


async def test_a_copy_that_was_changed_is_kept_and_named(two):
    await created(two.client, goal(two.source, "Kept"))
    await created(two.client, goal(two.source, "Gone"))
    merged = await two.asked()
    kept = next(one for one in await two.of_target("Goal?") if one["description"]["text"] == "Kept")
    kept["lifecycleStatus"] = "on-hold"
    await two.client.put(f"{R4}/Goal/{kept['id']}", json=kept, headers=JSON)
    review = said(merged)["task"]
    review["status"] = "accepted"
    await two.client.put(f"{R4}/Task/{review['id']}", json=review, headers=JSON)
    answer = await two.asked("undo-merge")
    assert f"Changed since, and kept: Goal/{kept['id']}." in words(answer)
    assert [one["description"]["text"] for one in await two.of_target("Goal?")] == ["Kept"]
    assert (await two.read("Task", review["id"]))["status"] == "cancelled"


async def test_a_copy_that_was_changed_out_of_sight_is_kept_and_not_named(two):
    world = two.world
    await world.agency("HS1")
    for person in (two.source, two.target):
        await world.desk.add_member(world.visit(), person, "HS1", "Housing", "")
    officer = world.visit("housing_officer", "HS1")
    await world.write(officer, goal_deed(two.source, "only ours", "housing", "HS1"))
    await two.asked()
    (copy,) = await two.of_target("Goal?", world.client("housing_officer", "HS1"))
    copy["lifecycleStatus"] = "on-hold"
    await world.client("housing_officer", "HS1").put(f"{R4}/Goal/{copy['id']}", json=copy, headers=JSON)
    answer = await two.asked("undo-merge")
    assert copy["id"] not in answer.text
    assert "kept" not in words(answer)
    assert len(await two.of_target("Goal?", world.client("housing_officer", "HS1"))) == 1


async def test_what_was_never_merged_cannot_be_taken_back(two):
    assert "not merged" in issue(await two.asked("undo-merge"), 422)["details"]["text"]
