"""As many words as a token can hold still make a statement that both databases take, in a search that touches much."""

from auth.access import Verb, aim, ask
from plan.query import Chain, Condition, Query, Token
from tests.support.world import World

MOST = 400
"""More granular words than fit into the longest token that is read (auth.tokens)."""
TYPES = 80
"""As many types as are served."""
CODES = ",".join(f"c{n}" for n in range(1500))


async def test_a_token_full_of_granular_words_is_searched_with(world: World) -> None:
    near = Chain("Condition", (Condition("category", (Token("a"),)),))
    far = Chain("Goal", (Condition("addresses", (near,)),))
    query = Query(type="Task", conditions=(Condition("focus", (far,)),), count=10, total=True)
    each = " ".join(f"{context}/*.rs?category=s{n}|c{n}" for n in range(MOST // 2) for context in ("user", "patient"))
    types = " ".join(f"user/{'T' + 'x' * n}.rs?category=c{n}" for n in range(TYPES))
    for words in (
        each,
        types,
        f"user/*.rs?category={CODES}",
        "user/*.rs?category=" + "&category=".join(CODES.split(",")[:40]),
    ):
        permit = ask(world.visit(scopes=words, patient="p").caller, world.desk.charter)
        note = world.desk.note(world.visit(), "E", "Task", "")
        page = await world.desk.store.search(aim(permit, Verb.SEARCH, "Task"), query, note, "fhir")
        assert (page.hits, page.total) == ((), 0)
