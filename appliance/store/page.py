"""What the page keeps besides: who is logged in, and a few texts by name (password hash, set-up code, progress)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from appliance.core.errors import StoreError
from appliance.store import rows
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.store.file import plain

_COLUMNS = "id, digest, created_at, seen_at, address, agent"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is logged in. `digest`: of the secret it holds. `address`, `agent`: whence, with what."""

    id: int
    digest: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


class PageStore(Store):
    """The store with what only the page asks of it."""

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
