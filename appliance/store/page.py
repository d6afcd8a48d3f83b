"""What the page keeps besides: who is logged in, and a few texts by name (password hash, set-up code, progress); and
what only it asks for: calls and contacts searched, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from appliance.core.contacts import Contact
from appliance.core.errors import StoreError
from appliance.core.records import CallRecord, Message, Received
from appliance.store import calllist, contactlist, counts, recordings, rows, textlist
from appliance.store.calllist import Figures, Wanted
from appliance.store.changes import Keep
from appliance.store.contactlist import Found
from appliance.store.database import Store
from appliance.store.file import plain
from appliance.store.search import Search

_COLUMNS = "id, digest, created_at, seen_at, address, agent"


class Session(Struct, frozen=True):
    """A browser that is logged in. `digest`: of the secret it holds. `address`, `agent`: whence, with what."""

    id: int
    digest: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


class PageStore(Store):
    """The store with what only the page asks of it."""

    def hold(self, kib: int) -> None:
        """Keep at most so much of the file in memory, KiB, for each connection: the system keeps it anyway."""
        with plain(self.path):
            self._db.execute(f"PRAGMA cache_size = -{kib}")

    def keep(self, **texts: str | None) -> None:
        """Keep these texts by name, all or none; None forgets. `kept` reads them."""
        with self.transaction():
            for name, value in texts.items():
                if value is None:
                    self._db.execute("DELETE FROM kept WHERE name = ?", (name,))
                else:
                    self._db.execute(*Keep(name, value).statement())

    def keep_first(self, name: str, value: str) -> str:
        """Keep a text unless there is one; returns the one that is kept."""
        with self.transaction():
            self._db.execute("INSERT OR IGNORE INTO kept (name, value) VALUES (?, ?)", (name, value))
        kept = self.kept(name)
        if kept is None:
            raise StoreError(f"{self.path}: {name} was deleted by another program")
        return kept

    # --- who is logged in ----------------------------------------------------------------------

    def open_session(self, digest: str, at: datetime, address: str, agent: str) -> None:
        """Somebody has logged in."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO page_sessions (digest, created_at, seen_at, address, agent) VALUES (?, ?, ?, ?, ?)",
                (digest, rows.stamp(at), rows.stamp(at), rows.clean(address), rows.clean(agent)),
            )

    def session(self, digest: str) -> Session | None:
        """The session of whoever holds the secret with this digest."""
        found = self._sessions("digest = ?", digest)
        return found[0] if found else None

    def sessions(self) -> list[Session]:
        """All of them, the last seen first."""
        return self._sessions("true ORDER BY seen_at DESC, id DESC")

    def touch_session(self, number: int, at: datetime, address: str) -> None:
        """It was seen now, from there."""
        with self.transaction():
            self._db.execute(
                "UPDATE page_sessions SET seen_at = ?, address = ? WHERE id = ?",
                (rows.stamp(at), rows.clean(address), number),
            )

    def redate_session(self, number: int, at: datetime) -> None:
        """It begins now: nobody knew the time when it began."""
        with self.transaction():
            stamp = rows.stamp(at)
            self._db.execute(
                "UPDATE page_sessions SET created_at = ?, seen_at = ? WHERE id = ?", (stamp, stamp, number)
            )

    def end_session(self, number: int) -> None:
        """It is over."""
        with self.transaction():
            self._db.execute("DELETE FROM page_sessions WHERE id = ?", (number,))

    def end_sessions(self, besides: int | None = None) -> None:
        """All are over, besides one."""
        with self.transaction():
            self._db.execute("DELETE FROM page_sessions WHERE id IS NOT ?", (besides,))

    def end_sessions_before(self, seen: datetime, created: datetime) -> None:
        """Those last seen before one time, or created before the other, are over."""
        with self.transaction():
            self._db.execute(
                "DELETE FROM page_sessions WHERE seen_at < ? OR created_at < ?", (rows.stamp(seen), rows.stamp(created))
            )

    def _sessions(self, where: str, *values: rows.Value) -> list[Session]:
        with plain(self.path):
            found = self._db.execute(f"SELECT {_COLUMNS} FROM page_sessions WHERE {where}", values)
            return [
                Session(number, digest, rows.when(created), rows.when(seen), address, agent)
                for number, digest, created, seen, address, agent in found
            ]

    def counted(self, since: datetime) -> tuple[int, ...]:
        """A mark of what `hours` counts from then on; see `counts.mark`."""
        with plain(self.path):
            return counts.mark(self._db, since)

    # --- texts, a page at a time ---------------------------------------------------------------

    def has_message(self, uid: str) -> bool:
        """Whether there is a text of this uid."""
        with plain(self.path):
            return self._db.execute("SELECT 1 FROM messages WHERE uid = ?", (uid,)).fetchone() is not None

    def find_sent(self, limit: int, before: int | None = None, states: tuple[str, ...] = ()) -> list[Message]:
        """Texts that were to be sent, newest first; see `textlist.sent`."""
        with plain(self.path):
            return textlist.sent(self._db, limit, before, states)

    def message(self, number: int) -> Message | None:
        """The text of this id."""
        with plain(self.path):
            return textlist.one(self._db, number)

    def newest_test(self) -> list[Message]:
        """What the last test sent, by each way; see `textlist.newest_test`."""
        with plain(self.path):
            return textlist.newest_test(self._db)

    def find_received(self, limit: int, before: int | None = None) -> list[Received]:
        """Texts that came, newest first; see `textlist.received`."""
        with plain(self.path):
            return textlist.received(self._db, limit, before)

    # --- calls and contacts, a page at a time --------------------------------------------------

    def find_calls(
        self, wanted: Wanted, limit: int, before: int | None = None, after: int | None = None
    ) -> list[CallRecord]:
        """Calls that have ended, newest first; see `calllist.find`."""
        with plain(self.path):
            return calllist.find(self._db, wanted, limit, before, after)

    def call(self, number: int) -> CallRecord | None:
        """The call of this id."""
        with plain(self.path):
            return calllist.one(self._db, number)

    def calls_with_message(self, limit: int, before: int | None = None) -> list[CallRecord]:
        """Calls whose callers left a message, newest first; `before`: older than the call of this id."""
        with plain(self.path):
            return calllist.with_message(self._db, limit, before)

    def forget_recording(self, number: int) -> None:
        """Delete the message that was left with this call; the call stays. Raises OSError where it cannot be deleted
        now: then it goes with the next sweep of recordings nobody names."""
        call = self.call(number)
        with self.transaction():
            self._db.execute("UPDATE calls SET message = NULL, message_seconds = NULL WHERE id = ?", (number,))
        if call is not None and call.message is not None:
            recordings.forget(self.path.parent, [call.message])

    def caller_figures(self, caller: str) -> Figures | None:
        """One caller's calls in figures; None: he never called."""
        with plain(self.path):
            return calllist.figures(self._db, rows.clean(caller))

    def find_contacts(
        self, search: Search | None = None, group: str | None = None, limit: int = 50, offset: int = 0
    ) -> Found:
        """Contacts by name; see `contactlist.find`."""
        with plain(self.path):
            return contactlist.find(self._db, search, group, limit, offset)

    def contact(self, number: str, source: str) -> Contact | None:
        """The contact of this number from this source."""
        with plain(self.path):
            return contactlist.one(self._db, number, source)

    def contacts_about(self, numbers: Iterable[str]) -> list[Contact]:
        """Every contact that says something about one of these numbers; see `contactlist.about`."""
        with plain(self.path):
            return contactlist.about(self._db, numbers)

    def contacts_named(self, search: Search) -> list[str]:
        """The numbers of contacts whose name fits."""
        with plain(self.path):
            return contactlist.named(self._db, search)

    def contact_groups(self) -> dict[str, int]:
        """How many contacts each group has."""
        with plain(self.path):
            return contactlist.groups(self._db)

    def contacts_with_plan(self, plan: str) -> int:
        """How many contacts go by a plan of their own that is called so."""
        with plain(self.path):
            (count,) = self._db.execute("SELECT count(*) FROM contacts WHERE plan = ?", (rows.clean(plan),)).fetchone()
        return int(count)

    def replace_contact(self, old: Contact | None, new: Contact) -> None:
        """Keep a contact in place of another one, whose number and source may differ."""
        with self.transaction():
            if old is not None:
                self._db.execute("DELETE FROM contacts WHERE number = ? AND source = ?", (old.number, old.source))
            self._db.execute(*contactlist.keep(new))

    def rename_plan(self, old: str, new: str) -> None:
        """Contacts and the override go by the plan's new name."""
        with self.transaction():
            for table in ("contacts", "override"):
                self._db.execute(f"UPDATE {table} SET plan = ? WHERE plan = ?", (rows.clean(new), rows.clean(old)))

    def rename_target(self, old: str, new: str) -> None:
        """Handovers go by the target's new name."""
        with self.transaction():
            for column in ("from_target", "to_target"):
                self._db.execute(f"UPDATE duty SET {column} = ? WHERE {column} = ?", (rows.clean(new), rows.clean(old)))

    def remove_handover(self, number: int) -> bool:
        """Take a handover of duty back; whether there was one."""
        with self.transaction():
            gone = self._db.execute("DELETE FROM duty WHERE id = ?", (number,))
        return gone.rowcount > 0
