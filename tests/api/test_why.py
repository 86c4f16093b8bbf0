"""Why an entry was changed: said in a header, kept with the version, read in the history by those who read that."""

import pytest

from tests.support.larch import larch

MERGE = b"application/merge-patch+json"
WHY = "She told me on the phone: Größe 62"


async def test_why_is_kept_with_the_version_that_it_is_said_of(world):
    place = await larch(world)
    practice = place.client("P10001")
    [need] = (await practice.get(f"{place.address}/plan/sections/health/need")).json()["items"]
    at = f"{place.address}/plan/sections/health/need/{need['id']}"
    said = [(b"If-Match", b'"1"'), (b"X-Change-Reason", WHY.encode()), (b"Content-Type", MERGE)]
    changed = await practice.patch(at, content=b'{"severity": "severe"}', headers=said)
    assert changed.status_code == 200, changed.text
    versions = (await practice.get(f"{at}/versions")).json()["items"]
    assert [one.get("why") for one in versions] == [WHY, None]
    gone = await practice.delete(at, headers={"If-Match": '"2"', "X-Change-Reason": "Twice"})
    assert gone.status_code == 204
    [last] = await world.database.rows("select reason from entry_version where id = ? and version = 3", (need["id"],))
    assert last[0] == "Twice"


async def test_a_section_that_is_amended_keeps_why(world):
    place = await larch(world)
    practice = place.client("P10001")
    at = f"{place.address}/plan/sections/health"
    own = (await practice.get(at)).json()["section"]
    body = {"title": "Health", "summary": "Stable", "version": own["version"]}
    assert (await practice.put(at, json=body, headers={"X-Change-Reason": "After the clinic"})).status_code == 200
    rows = await world.database.rows("select reason from entry_version where id = ? order by version", (own["id"],))
    assert rows[-1][0] == "After the clinic"


@pytest.mark.parametrize("why", [b"", b"x" * 501, b"\xff\xfe", b"a\tb"])
async def test_what_is_no_sentence_is_refused_and_nothing_is_written(world, why):
    place = await larch(world)
    practice = place.client("P10001")
    body = {"need": "Falls", "status": "active"}
    answer = await practice.post(
        f"{place.address}/plan/sections/health/need", json=body, headers={"X-Change-Reason": why}
    )
    assert answer.status_code == 400, answer.text
    assert "X-Change-Reason" in answer.json()["detail"]
    there = (await practice.get(f"{place.address}/plan/sections/health/need")).json()["items"]
    assert [one["need"] for one in there] == ["Heart failure"]
