"""What changed since the reader looked last: a few lines on the plan page, all of them on a page of their own.

Each says what it was and what it is now, who, when and why. Marking as read is not signing: it moves the reader's own
mark, and nothing else.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from starlette.responses import Response

from api.pages.care import addresses
from api.pages.care.forms import Form
from api.pages.care.reader import Reader
from api.pages.care.wording import SECTIONS, Changed, Wording
from api.reading import News, Reading
from fhir_facade.drafts import moment
from plan import changed
from plan.changed import Hand, Line
from plan.known import HOUSE, Known
from plan.model import Section
from plan.problem import Problem, Trouble

FEW: Final = 4
"""How many lines stand on the plan page."""
PAGE: Final = 10
DAYS: Final = (7, 30, 90)
"""How far back a reader can look again, in days."""
HOWS: Final[Mapping[str, tuple[str, str]]] = {
    "added": ("Added", "+"),
    "changed": ("Changed", "\N{LEFT RIGHT ARROW}"),
    "removed": ("Removed", "\N{MINUS SIGN}"),
}
_SHORT: Final = 90
_LONG: Final = 160


class Field(NamedTuple):
    """One field that differs. `rest`: whether either text goes on, in which case both are there to unfold."""

    label: str
    was: str
    now: str
    whole_was: str = ""
    whole_now: str = ""


class Told(NamedTuple):
    """One line as it is shown. `more`: how many fields differ besides. `itself`: the service wrote it by its rules."""

    how: str
    word: str
    icon: str
    title: str
    href: str
    section: str
    fields: list[Field]
    more: int
    who: str
    when: str
    why: str
    itself: bool


class Block(NamedTuple):
    """The changes on the plan page. `since`: since when, in words. `seen`: what marking as read will mark."""

    since: str
    lines: list[Told]
    people: int
    itself: int
    left: int
    seen: str


async def block(reader: Reader, known: Known, words: Wording) -> Block:
    """The newest changes by people, then the service's own, as many as the plan page has room for."""
    desk = Reading.of(reader.desk)
    news = await desk.news(reader.visit, known)
    few = list(news.lines[:FEW])
    names = await desk.names(few)
    itself = sum(line.by_itself for line in news.lines)
    return Block(
        since=_since(news, words),
        lines=[told(known, line, words, names, fields=1, longest=_SHORT) for line in few],
        people=len(news.lines) - itself,
        itself=itself,
        left=len(news.lines) - len(few),
        seen=moment(changed.seen(known, news.lines)),
    )


def told(known: Known, line: Line, words: Wording, names: Mapping[str, str], *, fields: int, longest: int) -> Told:
    """One line in words."""
    differing = words.changed(line.was, line.now) if line.how == "changed" or fields > 1 else []
    word, icon = HOWS[line.how]
    return Told(
        how=line.how,
        word=word,
        icon=icon,
        title=clipped(line.title, longest),
        href=_where(known, line),
        section=SECTIONS[line.section.value],
        fields=[_field(one, longest) for one in differing[:fields]],
        more=max(0, len(differing) - fields),
        who=_who(line.by, words, names),
        when=words.when(line.at),
        why=clipped(line.reason, longest),
        itself=line.by_itself,
    )


def clipped(text: str, longest: int) -> str:
    """The beginning of a text, up to a word's end where it is long."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    return f"{plain[: longest - 1].rsplit(' ', 1)[0]}\N{HORIZONTAL ELLIPSIS}"


def _field(one: Changed, longest: int) -> Field:
    was, now = "; ".join(one.was), "; ".join(one.now)
    short = (clipped(was, longest), clipped(now, longest))
    is_cut = short != (" ".join(was.split()), " ".join(now.split()))
    return Field(one.label, *short, *((clipped(was, 4 * longest), clipped(now, 4 * longest)) if is_cut else ("", "")))


def _where(known: Known, line: Line) -> str:
    """The entry, or what it was; of the team, the team."""
    if line.entry is None:
        return f"{addresses.of_person(known.person)}/team"
    if line.entry.kind == "person" or line.entry.section is Section.FRAME:
        return ""
    return addresses.of_entry(known, line.entry)


def _who(by: Hand | None, words: Wording, names: Mapping[str, str]) -> str:
    if by is None:
        return ""
    if by.agency == HOUSE:
        return "Oneplan"
    name, role = names.get(by.subject, ""), words.role(by.role)
    agency = "" if by.role in ("person", "carer") else words.agency(by.agency)
    return ", ".join(filter(None, (name, role, agency)))


def _since(news: News, words: Wording) -> str:
    """From when on it is news, and why."""
    read = (
        "In the last 30 days" if news.mark is None else f"Since {words.when(news.mark.at)}, when you marked it as read"
    )
    base = words.known.now - changed.AT_FIRST if news.mark is None else news.mark.seen
    signed = [section for section, at in news.since.items() if at != base]
    if not signed:
        return read
    latest = max(news.since[section] for section in signed)
    named = "; ".join(SECTIONS[section.value] for section in signed[:2])
    more = "" if len(signed) <= 2 else f" and {len(signed) - 2} more"  # noqa: PLR2004 - those that are named
    return f"{read}; of {named}{more} since you signed off, last on {words.day(latest)}"


# the page of all


async def show(reader: Reader) -> Response:
    """All changes since the reader looked last, or of some days, by section."""
    known = await reader.known()
    words = reader.wording(known)
    days, page = _number(reader, "days"), _number(reader, "page") or 1
    if days and days not in DAYS:
        raise Problem(Trouble.NOT_FOUND)
    desk = Reading.of(reader.desk)
    news = await desk.news(reader.visit, known, known.now - days * changed.DAY if days else None)
    ordered = _by_section(news.lines)
    shown = ordered[(page - 1) * PAGE : page * PAGE]
    names = await desk.names(shown)
    return reader.page(
        "care/plan_changes.html",
        known,
        form=Form(values={"seen": moment(changed.seen(known, news.lines))}),
        groups=_groups(known, shown, words, names),
        since=f"In the last {days} days" if days else _since(news, words),
        count=len(ordered),
        days=days,
        spans=DAYS,
        page=page,
        pages=-(-len(ordered) // PAGE),
    )


def _by_section(lines: Sequence[Line]) -> list[Line]:
    """People's lines by section, then the service's own by section."""
    people = [line for line in lines if not line.by_itself]
    itself = [line for line in lines if line.by_itself]
    return [line for some in (people, itself) for each in changed.by_section(some).values() for line in each]


def _groups(
    known: Known, lines: Sequence[Line], words: Wording, names: Mapping[str, str]
) -> list[tuple[str, list[Told]]]:
    """Lines under their headings, as they come."""
    found: list[tuple[str, list[Told]]] = []
    for line in lines:
        heading = SECTIONS[line.section.value] + (", written by Oneplan itself" if line.by_itself else "")
        if not found or found[-1][0] != heading:
            found.append((heading, []))
        found[-1][1].append(told(known, line, words, names, fields=6, longest=_LONG))
    return found


def _number(reader: Reader, name: str) -> int:
    """A number of the query; 0 for none. Raises NOT_FOUND for what is no number."""
    said = reader.request.query_params.get(name, "")
    if not said:
        return 0
    if not (said.isascii() and said.isdigit() and len(said) < 6):  # noqa: PLR2004 - no page is so far
        raise Problem(Trouble.NOT_FOUND)
    return int(said)


async def read(reader: Reader, form: Form) -> Response:
    """The reader has read what the page showed."""
    at = addresses.of_person(reader.person)
    body = {"seen": form.text("seen")}
    await reader.ask("PUT", f"/v1/people/{reader.person}/reading", body, key=form.key)
    return reader.go(at, done="Marked as read. Nothing was signed off.")
