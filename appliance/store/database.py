"""What the file holds, as the rest of the program asks for it. Raises nothing but StoreError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from appliance.core.contacts import Contact
from appliance.core.costs import Texts, Use, uses
from appliance.core.errors import NotOverwritten, SettingsChanged
from appliance.core.plan import Override
from appliance.core.records import CallRecord, Message, Received
from appliance.core.requests import Request
from appliance.core.roster import Handover
from appliance.core.stats import Hour
from appliance.store import counts, privacy, recordings, requests, rows, textlist
from appliance.store.changes import SaveMessage
from appliance.store.file import FILE_NAME, RowRefused, StateFile, plain
from appliance.store.privacy import OptOuts

__all__ = ["FILE_NAME", "RowRefused", "Store"]

_FINISHED = "outcome IS NOT NULL"
_STILL_OPEN = "outcome = 'missed' AND done_at IS NULL"  # both word for word their index's own condition, or it is not
_IN_INDEX = "state IN ('queued', 'sending', 'failed')"  # used


class Store(StateFile):
    """The one file of a state directory, open. Use from one thread, as sqlite3 demands."""

    def __init__(self, path: Path, wait: float) -> None:
        """Use `Store.open`."""
        super().__init__(path, wait)
        try:
            with plain(path):
                (last,) = self._db.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'calls'").fetchone()
        except BaseException:
            self.close()
            raise
        self._last_call_id: int = last or 0

    # --- settings ------------------------------------------------------------------------------

    def load_settings(self) -> tuple[int, bytes] | None:
        """Version and JSON of the settings; None before there are any."""
        with plain(self.path):
            row = self._db.execute("SELECT version, json FROM settings").fetchone()
        return (row[0], row[1].encode()) if row else None

    def save_settings(self, json: bytes, replaced: int | None = None) -> int:
        """Store the settings (UTF-8 JSON) and return their version, one more than before.

        `replaced`: the version they were made from, 0 for none; None replaces whatever is there. Raises SettingsChanged
        if another one is there by now.
        """
        with self.transaction():
            if replaced is not None:
                stored = self._db.execute("SELECT version FROM settings").fetchone()
                if replaced != (stored[0] if stored else 0):
                    raise SettingsChanged("the settings have changed meanwhile")
            (version,) = self._db.execute(
                "INSERT INTO settings (id, version, json, changed_at) "
                "VALUES (1, 1, ?, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')) ON CONFLICT (id) DO UPDATE SET "
                "version = version + 1, json = excluded.json, changed_at = excluded.changed_at RETURNING version",
                (json.decode(),),
            ).fetchone()
        return int(version)

    # --- calls ---------------------------------------------------------------------------------

    def next_call_id(self) -> int:
        """An id for a new call, never given before. Reads nothing, so it cannot fail; only the engine may ask."""
        self._last_call_id += 1
        return self._last_call_id

    def open_calls(self) -> list[CallRecord]:
        """Calls that have no outcome: at start, those a crash left behind; oldest first."""
        return self._calls("outcome IS NULL ORDER BY id")

    def calls(
        self,
        since: datetime | None = None,
        limit: int | None = None,
        caller: str | None = None,
        before: int | None = None,
    ) -> list[CallRecord]:
        """Calls that have ended, newest first; `since`: those that began then or later, `caller`: those of this
        number, `before`: those older than the call of this id (the next page).
        """
        where, values = _FINISHED, list[rows.Value]()
        for condition, value in (
            ("started_at >= ?", rows.stamp_or_none(since)),
            ("caller IS NOT NULL AND caller = ?", caller),
            ("id < ?", before),
        ):
            if value is not None:
                where += f" AND {condition}"
                values.append(value)
        return self._calls(f"{where} ORDER BY id DESC LIMIT ?", *values, _limit(limit))

    def voicemails(self) -> set[str]:
        """The files of the messages that callers left."""
        with plain(self.path):
            return {path for (path,) in self._db.execute("SELECT message FROM calls WHERE message IS NOT NULL")}

    def missed_open(self, since: datetime | None = None) -> list[CallRecord]:
        """Missed calls that nobody has dealt with, newest first; `since`: those that began then or later."""
        oldest = rows.stamp_or_none(since) or ""
        return self._calls(f"{_STILL_OPEN} AND started_at >= ? ORDER BY started_at DESC, id DESC", oldest)

    def _calls(self, where: str, *values: rows.Value) -> list[CallRecord]:
        with plain(self.path):
            found = self._db.execute(f"SELECT {rows.CALL_COLUMNS}, {rows.CALL_MARKS} FROM calls WHERE {where}", values)
            return [rows.call_from(row) for row in found]

    # --- texts ---------------------------------------------------------------------------------

    def messages(self, limit: int | None = None) -> list[Message]:
        """Every text, newest first."""
        return self._messages("true ORDER BY id DESC LIMIT ?", _limit(limit))

    def unfinished(self) -> list[Message]:
        """Texts still to be sent or in flight, oldest first."""
        return self._messages(f"{_IN_INDEX} AND state != 'failed' ORDER BY id")

    def messages_since(self, at: datetime) -> list[Message]:
        """Texts that were written then or later, newest first."""
        return self._messages("created_at >= ? ORDER BY id DESC", rows.stamp(at))

    def message_by_reference(self, reference: int, to: str) -> Message | None:
        """The text a delivery report is about: the last one to this number whose last part had this TP-MR."""
        found = self._messages("reference = ? AND recipient = ? ORDER BY id DESC LIMIT 1", reference, to)
        return found[0] if found else None

    def message_counts(self) -> dict[str, int]:
        """How many texts wait (`queued`, with one in flight) and how many have `failed` and were not sent once more."""
        counted = f"{_IN_INDEX} AND (state <> 'failed' OR {textlist.IN_VAIN})"
        with plain(self.path):
            found = self._db.execute(f"SELECT state, count(*) FROM messages WHERE {counted} GROUP BY state")
            counts: dict[str, int] = dict(found.fetchall())
        return {"queued": counts.get("queued", 0) + counts.get("sending", 0), "failed": counts.get("failed", 0)}

    def queue_message(self, message: Message) -> None:
        """Store one text for the engine to send."""
        self.write(SaveMessage(message))

    def _messages(self, where: str, *values: rows.Value) -> list[Message]:
        with plain(self.path):
            found = self._db.execute(f"SELECT {rows.MESSAGE_COLUMNS}, id FROM messages WHERE {where}", values)
            return [rows.message_from(row) for row in found]

    def inbox(self, limit: int | None = None) -> list[Received]:
        """Texts that came in, newest first."""
        with plain(self.path):
            sql = f"SELECT {rows.INBOX_COLUMNS}, id FROM inbox ORDER BY id DESC LIMIT ?"
            return [rows.received_from(row) for row in self._db.execute(sql, (_limit(limit),))]

    def optouts(self) -> OptOuts:
        """Numbers that want no more texts: ask `number in optouts`, which also knows those that were erased."""
        with plain(self.path):
            return OptOuts(number for (number,) in self._db.execute("SELECT number FROM optouts"))

    # --- people --------------------------------------------------------------------------------

    def override(self) -> Override | None:
        """The plan somebody switched on, even one whose time is over; None: none."""
        with plain(self.path):
            row = self._db.execute("SELECT plan, until FROM override").fetchone()
            return None if row is None else Override(row[0], None if row[1] is None else rows.when(row[1]))

    def duties(self) -> list[Handover]:
        """Handovers of duty, in the order in which they were arranged."""
        with plain(self.path):
            found = self._db.execute(f"SELECT {rows.DUTY_COLUMNS}, id FROM duty ORDER BY at, id")
            return [rows.handover_from(row) for row in found]

    def contacts(self) -> list[Contact]:
        """Everybody who is known, in the order in which they came."""
        with plain(self.path):
            return [
                Contact(*row) for row in self._db.execute(f"SELECT {rows.CONTACT_COLUMNS} FROM contacts ORDER BY id")
            ]

    def put_contact(self, contact: Contact) -> None:
        """Keep a contact, in place of the one with this number from this source."""
        with self.transaction():
            self._db.execute(f"{_ADD_CONTACT} {_OVERWRITE_CONTACT}", rows.contact_row(contact))

    def remove_contact(self, number: str, source: str) -> bool:
        """Forget a contact; whether there was one."""
        with self.transaction():
            gone = self._db.execute("DELETE FROM contacts WHERE number = ? AND source = ?", (number, source))
        return gone.rowcount > 0

    def replace_contacts(self, source: str, contacts: Iterable[Contact]) -> int:
        """Put these, as of this source, in place of all that came from it; returns how many there are now.

        Of several with the same number the first one counts.
        """
        found = [rows.contact_row(replace(contact, source=source)) for contact in contacts]
        with self.transaction():
            self._db.execute("DELETE FROM contacts WHERE source = ?", (source,))
            self._db.executemany(f"{_ADD_CONTACT} ON CONFLICT DO NOTHING", found)
            (count,) = self._db.execute("SELECT count(*) FROM contacts WHERE source = ?", (source,)).fetchone()
        return int(count)

    # --- what is no record ---------------------------------------------------------------------

    def kept(self, name: str) -> str | None:
        """What `changes.Keep` kept by this name; None: nothing."""
        with plain(self.path):
            row = self._db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
            return None if row is None else str(row[0])

    # --- SIMs ----------------------------------------------------------------------------------

    def refusals(self, sim: str) -> dict[str, datetime]:
        """Forwarding methods this SIM's network refused, and when."""
        with plain(self.path):
            found = self._db.execute("SELECT method, refused_at FROM sims WHERE sim = ?", (sim,))
            return {method: rows.when(at) for method, at in found}

    def pins_tried(self) -> set[tuple[str, str]]:
        """PINs tried and not taken, as (line, SHA-256 of the PIN)."""
        with plain(self.path):
            return set(self._db.execute("SELECT line, digest FROM pins_tried"))

    # --- what the page asks of the engine ------------------------------------------------------

    def ask(self, kind: str, payload: Mapping[str, object], at: datetime) -> int:
        """Leave a request (see `core.requests`) and return its id; `store.requests.AnswerRequest` answers it."""
        with self.transaction():
            return requests.add(self._db, kind, payload, at)

    def request(self, number: int) -> Request | None:
        """A request and, once it is there, its answer."""
        with plain(self.path):
            return requests.one(self._db, number)

    def unanswered(self) -> list[Request]:
        """Requests that have no answer yet, oldest first."""
        with plain(self.path):
            return requests.waiting(self._db)

    # --- counting and forgetting ---------------------------------------------------------------

    def hours(self, since: datetime | None = None, until: datetime | None = None) -> list[Hour]:
        """Calls by the UTC hour they began in, oldest first: for `core.stats.report`."""
        with plain(self.path):
            return counts.hours(self._db, since, until)

    def usage(self, since: datetime, until: datetime) -> tuple[list[Use], list[Texts]]:
        """Forwarded calls by target and sent texts by recipient in a time (a month): for `core.costs.bill`."""
        with plain(self.path):
            return uses(counts.hours(self._db, since, until)), counts.texts(self._db, since, until)

    def purge(self, before: datetime) -> int:
        """Delete calls and texts from before this time; how many. 0: all done; else ask again, later."""
        with self.transaction():
            deleted = privacy.purge(self._db, before)
        if deleted:
            self.empty_log()
        return deleted

    def erase(self, number: str) -> dict[str, int]:
        """Delete everything about a number (E.164); see `privacy.erase` for what is counted.

        Raises StoreError: nothing is deleted; NotOverwritten: it is, but another process still reads from where it was.
        """
        with self.transaction():
            spoken = self._db.execute("SELECT message FROM calls WHERE caller = ? AND message IS NOT NULL", (number,))
            paths = [path for (path,) in spoken]
            erased = privacy.erase(self._db, number)
        try:
            recordings.forget(self.path.parent, paths)
        except OSError as error:
            raise NotOverwritten(f"a recording of it could not be deleted ({error}): erase it once more") from error
        if not self.empty_log():
            raise NotOverwritten(f"{self.path}-wal is being read and still holds what was deleted: erase it once more")
        return erased

    def export(self, number: str) -> dict[str, list[dict[str, rows.Value]]]:
        """Everything about a number (E.164), by table."""
        with plain(self.path):
            return privacy.export(self._db, number)


_ADD_CONTACT = f"INSERT INTO contacts ({rows.CONTACT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
_OVERWRITE_CONTACT = (
    "ON CONFLICT (source, number) DO UPDATE SET name = excluded.name, grp = excluded.grp, plan = excluded.plan, "
    "note = excluded.note"
)


def _limit(limit: int | None) -> int:
    return -1 if limit is None else limit
