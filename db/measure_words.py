"""What the two engines say differently when they look into a body: the few words that the measures need.

Search never opens JSON; the measures do, because they are asked seldom and of everything.
"""

from dataclasses import dataclass

_MOMENT = "____-__-__T__:__:__%"
_DAY = "____-__-__"


@dataclass(frozen=True, slots=True)
class Words:
    """SQL for one engine. `postgres`: PostgreSQL, else SQLite."""

    postgres: bool

    def text(self, body: str, *path: str) -> str:
        """What stands at a path of a body, as text; null where nothing does."""
        if self.postgres:
            return f"({body}::json #>> '{{{','.join(path)}}}')"
        return f"json_extract({body}, '$.{'.'.join(path)}')"

    def each(self, body: str, path: str, alias: str) -> str:
        """The members of a list of objects, as rows `alias` with one column that `of` reads."""
        if self.postgres:
            made = f"json_array_elements(case when json_typeof({body}::json -> '{path}') = 'array'"
            return f"{made} then {body}::json -> '{path}' else '[]' end) as {alias}(value)"
        return f"json_each({body}, '$.{path}') as {alias}"

    def of(self, alias: str, name: str) -> str:
        """A member of such an object, as text."""
        return f"({alias}.value ->> '{name}')" if self.postgres else f"json_extract({alias}.value, '$.{name}')"

    def moment(self, text: str) -> str:
        """The milliseconds since 1970 UTC of a date or moment; null for what is less precise than a day.

        As plan.known.moment reads it: a date begins at midnight UTC.
        """
        if not self.postgres:
            spelled = f"case when length({text}) >= 10 then {text} end"
            return f"cast(round((julianday({spelled}) - 2440587.5) * 86400000) as integer)"
        read = "cast(round(extract(epoch from cast({} as timestamptz)) * 1000) as bigint)"
        day = read.format(f"{text} || 'T00:00:00Z'")
        return f"""(case when {text} like '{_MOMENT}' then {read.format(text)}
            when {text} like '{_DAY}' then {day} end)"""

    def least(self, one: str, other: str) -> str:
        """The smaller of two numbers."""
        return f"{'least' if self.postgres else 'min'}({one}, {other})"

    def most(self, one: str, other: str) -> str:
        """The greater of two numbers."""
        return f"{'greatest' if self.postgres else 'max'}({one}, {other})"
