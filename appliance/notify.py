"""The way out over the network, as the engine sees it: one message at a time by e-mail or webhook.

Sending may take a minute, and the engine's loop may not wait: `Notifier` starts `python -m appliance.notify_sender`,
hands it the message and the access data on its stdin (never on its command line, which anybody may read), and asks now
and then how far it is. Both write lines:

    engine                        child
    the job, as JSON
                                  `leaving`: the server is there, and has taken user and password
    `go`: that is written down
                                  `{"ok": bool, "final": bool, "unknown": bool, "error": str}`

So a message that an engine had killed under it before `go` never left, and is sent after the restart. One killed later
goes out, since the child lives on, and what became of it is left in a file for the next engine (`Words`).
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from appliance.core.errors import RufweicheError
from appliance.core.outbox import LOST_REPLY

if TYPE_CHECKING:
    import subprocess

    from appliance.core.records import Message
    from appliance.core.settings import Notify

GIVE_UP = 90.0
"""Seconds after which a child is ended, counted anew from when the message left."""
LEAVING, GO = b"leaving\n", b"go\n"
SILENT = LOST_REPLY
MOST_ANSWER = 4096  # bytes of what a child says

log = logging.getLogger(__name__)


class Outcome(Struct, frozen=True):
    """What became of a message. `final`: the same message will be refused again. `unknown`: the server has it, and
    never said whether it takes it."""

    uid: str
    ok: bool
    final: bool
    error: str
    unknown: bool = False

    @classmethod
    def read(cls, uid: str, answer: bytes) -> Outcome | None:
        """What a child said; None where it is none."""
        try:
            found = json.loads(answer)
            error, unknown = str(found["error"]), bool(found["unknown"])
            return cls(uid, bool(found["ok"]), bool(found["final"]), error, unknown)
        except (ValueError, TypeError, KeyError):
            return None


class Words:
    """What became of messages, each in a file of the state folder until somebody has noted it: a child whose engine
    was killed has nobody else to tell. A crash of the whole box may lose one, and the message is then unknown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, uid: str) -> Path:
        """Where the child leaves its word."""
        return self._folder / f"notified-{uid}.json"

    def read(self, uid: str) -> Outcome | None:
        """The word that was left, None if there is none (yet)."""
        try:
            with self.path(uid).open("rb") as file:
                return Outcome.read(uid, file.read(MOST_ANSWER))
        except OSError:
            return None

    def forget(self, uid: str) -> None:
        """It is noted."""
        with suppress(OSError):
            self.path(uid).unlink(missing_ok=True)

    def keep_only(self, uids: Collection[str]) -> None:
        """All others are of messages that are long settled."""
        with suppress(OSError):
            for path in self._folder.glob("notified-*"):
                if path.name.partition("-")[2].partition(".")[0] not in uids:
                    path.unlink(missing_ok=True)


class Notifier:
    """One message at a time, without ever waiting. Times are monotonic seconds."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._uid = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._give_up_at = 0.0
        self._heard = b""
        self._may_leave = False
        self._outcome: Outcome | None = None

    @property
    def busy(self) -> bool:
        """Whether a message is on its way, or its outcome was not yet fetched."""
        return self._child is not None or self._outcome is not None

    def start(self, message: Message, settings: Notify, now: float) -> None:
        """Begin to send a message of channel email or webhook; only while not `busy`."""
        import subprocess  # only where messages leave over the network

        self._uid, self._outcome, self._heard, self._may_leave = message.uid, None, b"", False
        try:
            job = _job(message, settings, self._words.path(message.uid))
            child = subprocess.Popen(
                [sys.executable, "-m", "appliance.notify_sender"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except Refused as error:
            self._outcome = Outcome(message.uid, False, error.final, str(error))
            return
        except OSError as error:
            self._outcome = Outcome(message.uid, False, False, f"cannot be sent now: {error.strerror}")
            return
        self._child, self._give_up_at = child, now + GIVE_UP
        assert child.stdout is not None
        os.set_blocking(child.stdout.fileno(), False)
        self._tell(child, job)  # a pipe takes 64 KiB at once, and a message is far shorter

    def leaving(self) -> str | None:
        """The uid of the message that would leave now; it waits for `go`. None: none does."""
        if self._child is None or self._may_leave:
            return None
        self._listen(self._child)
        return self._uid if self._heard.startswith(LEAVING) else None

    def go(self, now: float) -> None:
        """It is written down: the message may leave."""
        self._may_leave, self._give_up_at = True, now + GIVE_UP
        if self._child is not None:
            self._tell(self._child, GO)

    def poll(self, now: float) -> Outcome | None:
        """The outcome, once; None while there is none."""
        if self._child is not None:
            self._listen(self._child)
            if self._child.poll() is not None or now >= self._give_up_at:
                self._outcome = self._ended(self._child)
                self._child = None
        outcome, self._outcome = self._outcome, None
        return outcome

    def stop(self, wait: float = 0.0) -> Outcome | None:
        """End what is under way. What has not left is tried again some day; for what has, an answer is waited for
        as many seconds."""
        import subprocess

        if (child := self._child) is None:
            return None
        if self._may_leave:
            with suppress(subprocess.TimeoutExpired):
                child.wait(wait)
        self._child = None
        outcome = self._ended(child)
        return outcome if self._may_leave else None

    def _ended(self, child: subprocess.Popen[bytes]) -> Outcome:
        in_time = child.poll() is not None
        if not in_time:
            child.kill()
        child.wait()
        self._listen(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        left = self._may_leave
        if not in_time:
            return Outcome(self._uid, False, False, SILENT if left else "the server took too long", left)
        outcome = Outcome.read(self._uid, self._heard.removeprefix(LEAVING))
        return outcome or Outcome(self._uid, False, False, f"the sender failed (status {child.returncode})", left)

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdout is not None
        with suppress(BlockingIOError):
            while piece := os.read(child.stdout.fileno(), MOST_ANSWER):
                self._heard = (self._heard + piece)[:MOST_ANSWER]

    def _tell(self, child: subprocess.Popen[bytes], line: bytes) -> None:
        assert child.stdin is not None
        try:
            child.stdin.write(line)
            child.stdin.flush()
        except OSError:
            log.warning("the sender of a message ended too early")


class Refused(RufweicheError):
    """A message that did not get out; the text says why, without secrets."""

    def __init__(self, text: str, final: bool, unknown: bool = False) -> None:
        super().__init__(text)
        self.final = final
        self.unknown = unknown


def _job(message: Message, settings: Notify, word: Path) -> bytes:
    """What the child reads; `word`: where it leaves its last. Raises Refused where the way is not set."""
    job: dict[str, Any] = {
        "word": str(word),
        "channel": message.channel,
        "uid": message.uid,
        "kind": message.kind,
        "text": message.text,
        "at": message.created_at.isoformat(),
    }
    if message.channel == "email" and settings.email:
        email = settings.email
        job |= {"to": email.to, "host": email.host, "port": email.port, "user": email.user, "password": email.password}
    elif message.channel == "webhook" and settings.webhook:
        job["url"] = settings.webhook
    else:
        raise Refused(f"no {message.channel} is set up", final=True)
    return json.dumps(job).encode() + b"\n"
