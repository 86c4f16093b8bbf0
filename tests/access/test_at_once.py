"""Leave that ends, ends at once: an agency leaves, the person closes a section or takes a consent back, a day comes, a
worker changes their role. Whatever was begun before (a page, a history, an export, a subscription, a repeated write)
shows nothing more of what is gone, in the very next request. No clock is waited for: it is moved.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from api.deeds import Deed
from auth.access import Verb
from plan.model import EntryId, PersonId
from tests.access.oracle import (
    BREAKERS,
    Asker,
    Place,
    Plan,
    Stretch,
    Thing,
    Word,
    adds,
    changes,
    scoped,
    secret,
    sees,
)
from tests.access.people import Town, leaves, themself, town
from tests.access.questions import Question
from tests.access.test_oracle import SEED, disclosed
from tests.access.test_two_worlds import following
from tests.access.written import written_as
from tests.support import deeds, feed
from tests.support.world import World

TRIALS = {"sqlite": 170, "postgresql": 40}
"""Trials in which something was lost."""
PAGED = (
    "/fhir/R4/Goal?patient={0}&_count=1",
    "/fhir/R5/Task?patient={0}&_count=1",
    "/fhir/R4/Patient/{0}/*?_count=2",
    "/fhir/R4/Patient/{0}/$everything?_count=2",
    "/fhir/R5/Condition/_history?_count=1",
    "/fhir/R4/_history?_count=2",
    "/v1/people/{0}/history?limit=2",
    "/v1/people/{0}/changes?limit=2&since=2020-01-01T00:00:00Z",
)


@dataclass(slots=True)
class Begun:
    """What somebody has begun while they still had leave."""

    asker: Asker
    plan: Plan
    seen: list[Thing]
    pages: list[Question] = field(default_factory=list)
    job: str = ""
    repeated: Question | None = None
    made: str = ""
    endpoint: str = ""


async def begun(made: Town, asker: Asker, plan: Plan, number: int) -> Begun:
    """Everything that goes on: pages with more to come, an export, a write with its key, a subscription."""
    client = made.client(asker)
    seen = [thing for thing in plan.things if sees(asker, plan, thing, made.now) and not thing.deleted]
    one = Begun(asker, plan, seen)
    for url in made.random.sample(PAGED, 3):
        question = Question("GET", url.format(plan.person))
        next_ = following(question, await client("GET", question.url))
        one.pages += [next_] if next_ else []
    job = await client("GET", "/fhir/R4/$export", None, {"prefer": "respond-async"})
    one.job = job.headers["content-location"].rpartition("=")[2] if job.status == 202 else ""
    if made.random.random() < 0.3:
        await _repeats(made, one, number)
    if made.random.random() < 0.2:
        one.endpoint = f"{feed.ENDPOINT}/{number}"
        sent = feed.subscription(endpoint=one.endpoint)
        answer = await client("POST", "/fhir/R4/Subscription", sent, {"content-type": "application/fhir+json"})
        assert answer.status in (201, 403), answer.body
        await made.world.service.feed.turn()
    return one


async def _repeats(made: Town, one: Begun, number: int) -> None:
    """A write that carries a key: who repeats it reads what came of it, as long as they may."""
    mark = made.mark()
    url = f"/v1/people/{one.plan.person}/plan/sections/housing/goal"
    question = Question("POST", url, {"goal": mark, "status": "active"}, {"idempotency-key": f"key-{number}"})
    answer = await made.client(one.asker)(question.method, question.url, question.body, question.headers)
    if answer.status == 201:
        id_ = answer.json()["id"]
        asker = one.asker
        new = Thing(id_, "Goal", "goal", one.plan.person, "housing", asker.agency, asker.subject, mark)
        new.restriction = secret(asker, one.plan, made.now)
        one.seen.append(made.add(one.plan, new))
        one.repeated, one.made = question, id_


# what takes leave away


async def goes(made: Town, one: Begun) -> None:
    """The agency leaves the team."""
    for place in one.plan.team:
        given = place.party == one.asker.agency and place.when.until is None and not place.opens
        if given and place is not one.plan.team[0]:
            await leaves(made, one.plan, place)


async def closes(made: Town, one: Begun) -> None:
    """The person closes sections to the agency, the role or the account."""
    to, party = made.random.choice(
        [
            ({"agency": one.asker.agency}, f"agency:{one.asker.agency}"),
            ({"role": one.asker.role}, f"role:{one.asker.role}"),
            ({"subject": one.asker.subject}, f"user:{one.asker.subject}"),
        ]
    )
    if "role" in to and one.asker.role == "person":
        return
    about = ["about_me", "health", "social_care", "housing", "benefits", "contingency", "transitions", "legal"]
    closed = made.random.sample(about, 5)
    mark, by = made.mark(), made.visit(themself(made, one.plan.person))
    stored = (await made.world.write(by, deeds.consent(one.plan.person, "deny", closed, to, reason=mark))).stored
    made.add(
        one.plan, Thing(stored.id, "Consent", "consent", one.plan.person, "about_me", "PERSON", by.caller.subject, mark)
    )
    one.plan.words.append(Word("deny", frozenset({party}), frozenset(closed), Stretch(), id=stored.id))


async def takes_back(made: Town, one: Begun) -> None:
    """The person takes back every consent that opens something."""
    by = made.visit(themself(made, one.plan.person))
    for word in one.plan.words:
        thing = made.ids[word.id][1]
        if word.decision == "permit" and word.active and not thing.deleted:
            await made.world.write(by, Deed(verb=Verb.DELETE, type="Consent", id=EntryId(word.id)))
            word.active, thing.deleted = False, True


async def waits(made: Town, one: Begun) -> None:
    """A day and a half pass: what was agreed until then has ended."""
    made.world.later(hours=36)


async def changes_role(made: Town, one: Begun) -> None:
    """The worker is somebody else tomorrow, and comes with what they had begun today."""
    role = made.random.choice(["auditor", "administrator", "housing_officer", "benefits_adviser"])
    one.asker = replace(one.asker, role=role, person="")


async def finishes(made: Town, one: Begun) -> None:
    """The tasks by which the agency came in come to an end."""
    for task_id in {place.by for place in one.plan.team if place.party == one.asker.agency and place.by}:
        thing = made.ids[task_id][1]
        role, _, agency = thing.author.partition("-of-")
        by, after = Asker(role, agency, thing.author), replace(thing, status="completed")
        if agency and not thing.deleted and changes(by, one.plan, thing, "u", made.now, after) == "done":
            deed = Deed(verb=Verb.UPDATE, type="Task", id=EntryId(thing.id), resource=written_as(after))
            deed.resource = {**(deed.resource or {}), "id": thing.id}
            thing.version = (await made.world.write(made.visit(by), deed)).stored.version
            made.settles(one.plan, by, replace(thing), after)
            thing.status = after.status


async def runs_out(made: Town, one: Begun) -> None:
    """An override comes to its end, after three quarters of an hour."""
    made.world.later(minutes=46)


WAYS: tuple[tuple[Callable[[Town, Begun], Awaitable[None]], int], ...] = (
    (goes, 4),
    (closes, 4),
    (takes_back, 2),
    (waits, 1),
    (changes_role, 2),
    (finishes, 1),
)


async def shows_nothing_more(made: Town, one: Begun) -> int:
    """Everything that was begun goes on under the leave of now; how much of what was seen is gone."""
    client, asker = made.client(one.asker), one.asker
    gone = [thing for thing in one.seen if not sees(asker, one.plan, thing, made.now) and not thing.deleted]
    for thing in gone[:3]:
        answer = await client("GET", f"/fhir/R4/{thing.type}/{thing.id}")
        assert answer.status == (404 if scoped(asker, "r", thing.type) else 403), (asker, thing)
    for page in one.pages:
        answer = await client(page.method, page.url, page.body, page.headers)
        assert answer.status in (200, 403, 404), answer.body
        assert not disclosed(made, asker, answer), page
    if one.job:
        for type_ in {thing.type for thing in gone}:
            answer = await client("GET", f"/fhir/R4/$export-file?job={one.job}&type={type_}")
            assert not disclosed(made, asker, answer), one
            assert not [thing for thing in gone if f'"id":"{thing.id}"' in answer.text]
    if one.repeated:
        again = one.repeated
        answer = await client(again.method, again.url, again.body, again.headers)
        own = made.ids[one.made][1]
        # Who may write it is told what they wrote, as they were the first time.
        still = sees(asker, one.plan, own, made.now, "rsc")
        assert not disclosed(made, asker, answer, own.mark if still else ""), (one, answer)
    return len(gone)


def told_only_what_is_seen(made: Town, one: Begun, receiver: feed.Receiver) -> None:
    """Notices that went out since speak of nothing that is gone."""
    for request in receiver.sent:
        if str(request.url) == one.endpoint:
            said = request.content.decode()
            hidden = [t for p, t in made.ids.values() if t.id in said and not sees(one.asker, p, t, made.now)]
            assert not hidden, hidden


async def stirred(made: Town, plan: Plan) -> None:
    """The agency that began the plan changes something in every section that it may."""
    first = plan.team[0].party
    by: Any = made.world.visit("clinician", first)
    for section in ("health", "contingency", "legal"):
        mark = made.mark()
        new = Thing("", "Goal", "goal", plan.person, section, first, by.caller.subject, mark)
        if adds(Asker("clinician", first, by.caller.subject), plan, new, made.now) != "done":
            continue
        stored = (await made.world.write(by, deeds.goal(plan.person, mark, section))).stored
        made.add(plan, Thing(stored.id, "Goal", "goal", plan.person, section, first, by.caller.subject, mark))


async def test_leave_that_ends_ends_at_once(world: World):
    made = await town(world, SEED + 2, 40)
    receiver, lost = feed.receiving(world), Counter[str]()
    number = 0
    while lost.total() < TRIALS[world.url.partition(":")[0]]:
        number += 1
        assert number < 2000, lost
        plan, asker = await _somebody(made)
        if asker.role == "person" or not (scoped(asker, "r", "Goal") or scoped(asker, "s", "Goal")):
            continue
        one = await begun(made, asker, plan, number)
        if len(one.seen) < 2:
            continue
        (way,) = made.random.choices([way for way, _ in WAYS], [weight for _, weight in WAYS])
        came_in = {bool(p.by) for p in plan.team if p.party == asker.agency and p.when.holds(made.now)}
        way = runs_out if asker.purpose else finishes if came_in == {True} else way
        way = takes_back if asker.role == "carer" and way is goes else way
        await way(made, one)
        receiver.sent.clear()
        if one.endpoint and way is not changes_role:
            await stirred(made, plan)
            await world.service.feed.turn()
            told_only_what_is_seen(made, one, receiver)
        world.later(seconds=1)
        if await shows_nothing_more(made, one):
            lost[way.__name__] += 1
        await _joins(made, plan, asker)
    ways = {"goes", "closes", "takes_back", "changes_role", "finishes", "runs_out"}
    assert ways <= set(lost), lost


async def _somebody(made: Town) -> tuple[Plan, Asker]:
    """A plan, and somebody who has to do with it: carers often, and who opens it by an override."""
    random = made.random
    plan = random.choice(list(made.plans.values()))
    if random.random() < 0.2:
        asker = random.choice([one for one in made.askers if one.purpose and one.role in BREAKERS])
        await made.breaks_glass(plan, asker)
        return plan, asker
    near = [one for one in made.near(plan) if not one.purpose]
    carers = [one for one in near if one.role == "carer"]
    return plan, random.choice(carers if carers and random.random() < 0.3 else near)


async def _joins(made: Town, plan: Plan, asker: Asker) -> None:
    """The agency comes back, so that there is something to lose the next time."""
    if (
        asker.role != "carer"
        and not asker.purpose
        and not any(p.party == asker.agency and p.when.holds(made.now) and not p.opens for p in plan.team)
    ):
        by = made.world.visit("coordinator", plan.team[0].party)
        member = await made.world.desk.add_member(by, PersonId(plan.person), asker.agency, "", "")
        plan.team.append(Place(asker.agency, Stretch(member.since)))
    for word in plan.words:
        if word.decision == "deny" and word.active and made.random.random() < 0.7:
            own, thing = made.visit(themself(made, plan.person)), made.ids[word.id][1]
            await made.world.write(own, Deed(verb=Verb.DELETE, type="Consent", id=EntryId(word.id)))
            word.active, thing.deleted = False, True
