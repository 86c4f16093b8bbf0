"""One transaction of writes: both faces, versions, search index, feed, team, consents and audit go in together.

Every write holds the person's row, so the changes of one person have one order and one clock. What is put is gathered
and goes to the database as one batch when the transaction ends; whatever is asked meanwhile sees it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import blake2b

from auth.access import NOBODY, Permit, Standing
from db import knowing, search
from db.engine import NOBODY as NO_NAME
from db.engine import Row, Transaction, Who
from db.gathered import Clock, Hand, Put, Rows
from db.index_values import turned
from db.relations import MEMBER, Member, Rule, member_of, row_of, said, stands
from db.rows import WHOLE, whole
from db.sight import Look, members, restriction_text, visible
from plan.known import HOUSE
from plan.model import AgencyId, Draft, EntryId, IndexRow, PersonId, Role, Section, Stored
from plan.override import OVERRIDE
from plan.query import Query

NO_PERSON = PersonId("")
"""Whose the directory is."""
SPREAD = "spread"
"""The kind of job that takes a person's changes to whoever wants to hear of them (decision 29)."""
COORDINATE = "coordinate"
"""The kind of job that asks the rules of coordination what follows from a person's changes, or from the hour."""
CALM = 1000
"""Milliseconds by which the rules wait after a change, so that those that come together are looked at together."""
_FIRST = ("person", "team_member")
"""What a person begins with."""


class Writing:
    """What the desk does to plans inside one transaction."""

    def __init__(self, transaction: Transaction, who: Who, sharing: str, directory: frozenset[str]) -> None:
        self.now = who.now
        self._who = who
        self._directory = directory
        self._transaction = transaction
        self._sharing = sharing
        self._clocks: dict[PersonId, Clock] = {}
        self._puts: dict[tuple[PersonId, EntryId], Put] = {}
        self._rows = Rows()
        self._stale = Rows()
        self._news: set[PersonId] = set()
        self._begun: set[PersonId] = set()

    async def rows(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        """A statement of another module of this room, at once; it does not see what is only put."""
        return await self._transaction.rows(sql, values)

    def add(self, table: str, *row: object) -> None:
        """A row that goes with the batch; Conflict at the end where another transaction has written it meanwhile."""
        self._rows.add(table, *row)

    async def lock(self, person: PersonId, *, met: bool = False) -> bool:
        """Hold the person until the transaction ends; False when there is no such person. Lock people in order.

        `met`: with whom the caller has no relation yet, and is about to begin one.
        """
        if person in self._clocks:
            return True
        sql = f"select p.created, p.seq, p.at from person p where p.person_id = ?{self._sharing.format('p')}"
        name = replace(self._who, meeting=person) if met else NO_NAME
        rows = await self._transaction.rows(sql, (person,), who=name)
        if rows:
            self._hold(person, *rows[0])
        return bool(rows)

    def _hold(self, person: PersonId, created: int, seq: int, at: int) -> None:
        self._clocks.setdefault(person, Clock(created, seq, max(self.now, at + 1)))

    def begin(self, person: PersonId) -> None:
        """A new person; the transaction holds it at once."""
        self._clocks[person] = Clock(self.now, 0, self.now)
        self._begun.add(person)

    def at(self, person: PersonId) -> int:
        """The moment that this transaction's versions of the person's entries carry."""
        return self._clocks[person].at if person != NO_PERSON else self.now

    async def held(self, permit: Permit, person: PersonId) -> Standing | None:
        """Hold a person, and what `standing` says; None when there is no such person.

        What is read together with the lock was true before it was waited for: where the person has changed since,
        it is read again.
        """
        if permit.caller.role is Role.PERSON or person in self._clocks:
            return await self.standing(permit, person) if await self.lock(person) else None
        text, values = said(permit, person, self.now)
        sql = f"""select p.created, p.seq, p.at, (select x.seq from person x where x.person_id = ?) as was, s.*
            from person p left join ({text}) s on true where p.person_id = ?{self._sharing.format("p")}"""
        rows = await self._transaction.rows(sql, (person, *values, person))
        if not rows:
            return None
        created, seq, at, was = rows[0][:4]
        self._hold(person, created, seq, at)
        if was != seq:
            return await self.standing(permit, person)
        return stands(permit, [*(row[4:] for row in rows), *self._gathered_team(permit, person)])

    async def standing(self, permit: Permit, person: PersonId) -> Standing:
        """Questions 2 and 4 for one person: what the team and the consents say of this caller today."""
        caller = permit.caller
        if caller.role is Role.PERSON:
            return Standing(related=True, basis="self") if caller.person == person else NOBODY
        rows = await self._transaction.rows(*said(permit, person, self.now))
        return stands(permit, [*rows, *self._gathered_team(permit, person)])

    def _gathered_team(self, permit: Permit, person: PersonId) -> Iterable[Row]:
        """The team of a person who begins in this very transaction."""
        for row in self._rows.tables.get("team_member", ()):
            if row[0] == person and row[2] in members(permit):
                yield ("team", row[3], "", row[8], row[10])

    async def listed(self, agencies: Iterable[str], others: Iterable[str] = ()) -> Sequence[Row]:
        """Type and R4 face of these agencies and of the services that they provide; of others, theirs alone."""
        return await knowing.directory(self._transaction, agencies, others)

    async def persons(self, identifiers: Sequence[tuple[str, str]]) -> list[tuple[tuple[str, str], PersonId]]:
        """Whose these identifiers are, of those that are taken."""
        if not identifiers:
            return []
        either = " or ".join(["(system = ? and value = ?)"] * len(identifiers))
        values = [part for pair in identifiers for part in pair]
        sql = f"select system, value, person_id from identifier where {either}"
        return [((row[0], row[1]), PersonId(row[2])) for row in await self._transaction.rows(sql, values)]

    def tied(self, identifiers: Sequence[tuple[str, str]], person: PersonId | None) -> list[tuple[str, str]]:
        """Of these identifiers, those that this very transaction ties to another person."""
        others = {row[:2] for row in self._rows.tables.get("identifier", ()) if row[2] != person}
        return [pair for pair in identifiers if pair in others]

    async def whose(self, id_: EntryId, *, met: bool = False) -> PersonId | None:
        """Whose an entry is, and hold them; None when there is no such entry. `met`: as in `lock`."""
        for person, entry in self._puts:
            if entry == id_ and person != NO_PERSON:
                return person
        if met:
            found = await self._transaction.rows("select person_id from whereabouts where id = ?", (id_,))
            return PersonId(found[0][0]) if found and await self.lock(PersonId(found[0][0]), met=True) else None
        sql = f"""select p.person_id, p.created, p.seq, p.at from whereabouts w
            join person p on p.person_id = w.person_id where w.id = ?{self._sharing.format("p")}"""
        rows = await self._transaction.rows(sql, (id_,))
        if not rows:
            return None
        person, *clock = rows[0]
        self._hold(PersonId(person), *clock)
        return PersonId(person)

    async def current(self, person: PersonId, id_: EntryId) -> Stored | None:
        """An entry with both faces, as this transaction sees it; deleted ones too."""
        put = self._puts.get((person, id_))
        if put:
            return put.stored
        shelf = "directory_entry" if person == NO_PERSON else "entry"
        hold = self._sharing.format("e") if person == NO_PERSON else ""
        sql = f"{WHOLE} from {shelf} e where e.person_id = ? and e.id = ?{hold}"
        return whole(await self._transaction.rows(sql, (person, id_)))

    async def entries(self, person: PersonId) -> list[Stored]:
        """Every entry of a person as this transaction sees it, native faces, whoever may see them."""
        there = {one.id: one for one in await knowing.entries(self._transaction, person)}
        there |= {put.stored.id: put.stored for (owner, _), put in self._puts.items() if owner == person}
        return [one for one in there.values() if not one.deleted]

    async def body_at(self, permit: Permit, entry: Stored, version: int) -> str | None:
        """The native face of an older version; None where there was none that the permit shows."""
        seen, values = visible(permit, self.now, alias="v")
        sql = f"select v.body from entry_version v where v.person_id = ? and v.id = ? and v.version = ? and {seen}"
        rows = await self._transaction.rows(sql, (entry.person, entry.id, version, *values))
        return str(rows[0][0]) if rows and rows[0][0] else None

    async def slot(self, person: PersonId, slot: str) -> Stored | None:
        """What fills a place that a plan has once."""
        for (owner, _), put in self._puts.items():
            if owner == person and put.stored.slot == slot:
                return put.stored
        sql = f"{WHOLE} from entry e where e.person_id = ? and e.slot = ?"
        return whole(await self._transaction.rows(sql, (person, slot)))

    async def standing_in(self, person: PersonId, section: Section) -> list[Stored]:
        """What stands in a section, as this transaction sees it; restricted entries too, whoever asks."""
        sql = f"{WHOLE} from entry e where e.person_id = ? and e.section = ? and not e.deleted"
        there = [whole([row]) for row in await self._transaction.rows(sql, (person, section.value))]
        mine = [put.stored for (owner, _), put in self._puts.items() if owner == person]
        mine += [one for one in there if one and (person, one.id) not in self._puts]
        return [one for one in mine if one.section is section and not one.deleted]

    async def touched_in(self, person: PersonId, section: Section, since: int) -> list[Stored]:
        """What of a section was written or taken away after a moment; restricted entries too, whoever asks."""
        sql = f"{WHOLE} from entry e where e.person_id = ? and e.section = ? and e.updated > ?"
        there = [whole([row]) for row in await self._transaction.rows(sql, (person, section.value, since))]
        mine = [put.stored for (owner, _), put in self._puts.items() if owner == person]
        mine += [one for one in there if one and (person, one.id) not in self._puts]
        return [one for one in mine if one.section is section and one.at > since]

    async def referring(self, person: PersonId, param: str, to: Stored) -> list[Stored]:
        """The entries of a person that refer to one of them by a search parameter; deleted ones are gone."""
        sql = f"""{WHOLE} from search_reference r join entry e on e.person_id = r.person_id and e.id = r.entry_id
            where r.person_id = ? and r.param = ? and r.system = ? and r.code = ? and not e.deleted"""
        there = [whole([row]) for row in await self._transaction.rows(sql, (person, param, to.type, to.id))]
        named, puts = (param, to.type, to.id), [put for (owner, _), put in self._puts.items() if owner == person]
        new = [put.stored for put in puts if named in ((i.param, i.system, i.code) for i in put.draft.index)]
        return [*(one for one in there if one and (person, one.id) not in self._puts), *new]

    async def members(self, person: PersonId) -> list[Member]:
        """The whole team of a person, past and present; who only had an override was never on it."""
        sql = f"select {MEMBER} from team_member where person_id = ? and basis <> '{OVERRIDE}' order by since, id"
        rows = list(await self._transaction.rows(sql, (person,)))
        known = {row[1]: row[1:] for row in self._rows.tables.get("team_member", ()) if row[0] == person}
        merged = {row[0]: row for row in rows} | known
        return [member_of(row) for row in merged.values()]

    def version_of(self, person: PersonId, current: Stored | None) -> int:
        """The version that a put of this entry writes: one more than the current one, once per transaction."""
        if current is None:
            return 1
        return current.version if (person, current.id) in self._puts else current.version + 1

    def put(self, draft: Draft, stored: Stored, *, action: str, hand: Hand, indexed: Sequence[IndexRow] = ()) -> None:
        """Leave an entry so. `stored` holds the finished faces; `draft` what is projected from it.

        Search values: those of `draft.index` that are not in `indexed` come, those of `indexed` that are not in
        `draft.index` go. Whoever knows what differs may leave out of both what stays.
        """
        key = (stored.person, stored.id)
        before = self._puts.get(key)
        fresh = before.fresh if before else stored.version == 1
        said = before.action if before and before.action == "create" else action
        values = before.values if before else {}
        self._puts[key] = Put(draft, stored, said, hand, fresh, turned(values, draft.index, indexed))

    async def hide_versions(self, person: PersonId, id_: EntryId, said: str, named: frozenset[AgencyId]) -> None:
        """Show older versions whose FHIR face holds a text to these agencies only, whoever else wrote them."""
        sql = """update entry_version set restriction = ?, agency = ''
            where person_id = ? and id = ? and replace(fhir, ?, '') <> fhir"""
        await self._transaction.rows(sql, (restriction_text(named), person, id_, said))

    async def has_kind(self, person: PersonId, kind: str) -> bool:
        """Whether the plan holds an entry of a kind, whoever may see it."""
        sql = "select 1 from entry where person_id = ? and kind = ? and not deleted limit 1"
        here = any(put.stored.kind == kind and owner == person for (owner, _), put in self._puts.items())
        return here or bool(await self._transaction.rows(sql, (person, kind)))

    def identify(self, person: PersonId, pairs: Iterable[tuple[str, str]]) -> None:
        """Tie identifiers to a person; Conflict at the end when another person has one."""
        for system, value in pairs:
            self._rows.add("identifier", system, value, person)

    async def unidentify(self, person: PersonId, pairs: Iterable[tuple[str, str]]) -> None:
        """Untie identifiers that a person no longer has."""
        for system, value in pairs:
            sql = "delete from identifier where system = ? and value = ? and person_id = ?"
            await self._transaction.rows(sql, (system, value, person))

    async def identifiers(self, person: PersonId) -> set[tuple[str, str]]:
        """The identifiers that are tied to a person."""
        sql = "select system, value from identifier where person_id = ?"
        return {(row[0], row[1]) for row in await self._transaction.rows(sql, (person,))}

    def join(self, person: PersonId, one: Member) -> None:
        """Write a row of the team, new or changed."""
        row = row_of(person, one)
        team = self._rows.tables.setdefault("team_member", [])
        team[:] = [other for other in team if other[:2] != row[:2]] + [row]

    async def matches(self, permit: Permit, query: Query) -> list[EntryId]:
        """The ids that a conditional operation finds, at most `query.count` and one more; not what is deleted here.

        Raises TOO_COSTLY.
        """
        gone = {id_ for (_, id_), put in self._puts.items() if put.stored.deleted}
        wanted = replace(query, count=query.count + len(gone))
        sql, values = search.statement(Look(permit, self.now, self._directory), wanted, "fhir")
        rows = await self._transaction.rows(sql, values, limit=search.PAGE_SECONDS)
        found = [EntryId(row[2]) for row in rows if row[2] not in gone]
        return found[: query.count + 1]

    async def in_turn(self, words: Iterable[str]) -> None:
        """Let in nobody else who says one of these words before this transaction ends. To be asked once, and first."""
        for number in sorted({blake2b(word.encode(), digest_size=1).digest()[0] for word in words}):
            await self._transaction.turn(number)

    async def rule(self, person: PersonId, entry: EntryId, rules: Iterable[Rule]) -> None:
        """Replace what one consent decides."""
        await self._transaction.rows("delete from consent_rule where person_id = ? and entry_id = ?", (person, entry))
        for one in rules:
            for section in one.sections:
                row = (person, entry, one.party, section.value, one.decision, one.since, one.until)
                self._rows.add("consent_rule", *row)

    def audit(self, events: Iterable[Sequence[object]]) -> None:
        """Events that become durable with the change."""
        for event in events:
            self._rows.add("audit_event", *event)

    def remember(self, *row: object) -> None:
        """What came of an Idempotency-Key; Conflict at the end when the key was used in the meantime."""
        self._rows.add("idempotency_key", *row)

    async def remembered(self, caller: str, key: str) -> Row | None:
        """What came of an Idempotency-Key before: digest, status, person, entry, version."""
        sql = "select digest, status, person_id, entry_id, version from idempotency_key where caller = ? and key = ?"
        rows = await self._transaction.rows(sql, (caller, key))
        return rows[0] if rows else None

    async def flush(self) -> None:
        """Send everything that was put."""
        gathered, self._rows = self._rows.tables, Rows()
        for (person, _), put in self._puts.items():
            self._gather(person, put)
        rows: dict[str, list[tuple[object, ...]]] = {"person": self._clocked(), **self._rows.tables, **gathered}
        if self._begun:
            # Who works with a person must be known before the rest: a wall in the database asks it of every row.
            first = {table: [row for row in rows.get(table, ()) if row[0] in self._begun] for table in _FIRST}
            rows |= {table: [row for row in rows.get(table, ()) if row[0] not in self._begun] for table in _FIRST}
            await self._transaction.begin(first)
        await self._transaction.change(self._stale.tables, rows)

    def _clocked(self) -> list[tuple[object, ...]]:
        return [(person, c.created, c.seq, c.at) for person, c in self._clocks.items() if self._touched(person)]

    def _touched(self, person: PersonId) -> bool:
        return any(owner == person for owner, _ in self._puts)

    def _gather(self, person: PersonId, put: Put) -> None:
        prefix, one, hand = _prefix(person), put.stored, put.hand
        restriction = restriction_text(one.restriction)
        what = (one.type, one.kind, one.section.value, one.agency, one.author, one.status, one.slot, restriction)
        faces = (one.deleted, one.body, one.fhir)
        add = self._rows.add
        add(f"{prefix}entry", person, one.id, *what, put.draft.due, one.version, one.created, one.at, *faces)
        by = (hand.subject, hand.role, hand.agency, hand.door, hand.reason)
        add(f"{prefix}entry_version", person, one.id, one.version, *what, one.at, *by, *faces)
        self._index(prefix, put)
        if person != NO_PERSON:
            if put.fresh:
                add("whereabouts", one.id, person)
            self._feed(person, put, restriction)

    def _index(self, prefix: str, put: Put) -> None:
        """Write the search values that are new and take away those that are gone; most stay as they are."""
        one = put.stored
        for (table, value), comes in put.values.items():
            if comes:
                self._rows.add(prefix + table, one.person, one.id, *value, one.type)
            else:
                self._stale.add(prefix + table, one.person, one.id, *value)

    def _feed(self, person: PersonId, put: Put, restriction: str | None) -> None:
        """A line of the feed; the first one of a transaction also tells the worker that this person has news.

        What the service's own hand wrote followed from all that was there: the rules need not be asked again.
        """
        clock, one, hand = self._clocks[person], put.stored, put.hand
        if person not in self._news:
            self._news.add(person)
            self._rows.add("job", person, SPREAD, "", one.at, 0, 0, clock.seq)
            if hand.agency != HOUSE:
                self._rows.add("job", person, COORDINATE, "", one.at + CALM, 0, 0, 0)
        clock.seq += 1
        what = (one.id, one.type, one.kind, one.section.value, one.version, put.action, one.agency, restriction)
        by = (hand.subject, hand.role, hand.agency)
        self._rows.add("change", person, clock.seq, one.at, *what, *by)


def _prefix(person: PersonId) -> str:
    return "directory_" if person == NO_PERSON else ""
