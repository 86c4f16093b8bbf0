"""After signing in again: what was typed when the session had ended, to be sent or to be let go of."""

from starlette.responses import Response

from api.pages.care import kept
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.ways import Way


async def show(reader: Reader) -> Response:
    """What is kept for this account; where nothing is, where their work begins."""
    held = await kept.offered(reader.turn)
    if held is None:
        await kept.forget(reader.turn)
        return reader.go("/care")
    return reader.page("care/again.html", held=held, form=Form())


async def let_go(reader: Reader, _: Form) -> Response:
    """Forget it."""
    held = await kept.offered(reader.turn)
    await kept.forget(reader.turn)
    return reader.go(str(held["path"]) if held else "/care")


WAYS = (Way("/again", show, let_go),)
