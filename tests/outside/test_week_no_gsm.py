"""A box with a landline alone: no text can leave it, so e-mail and webhook are the only way to the owner."""

import pytest

from .analog_hall import Hall
from .analog_kinds import VOICELESS
from .box import always, until
from .servers import Hook, Mail
from .week import CALLER, OTHER, digits, soon

NATIONAL, NATIONAL_OTHER = "0" + CALLER[3:], "0" + OTHER[3:]


@pytest.fixture
def mail(tmp_path):
    server = Mail(tmp_path)
    yield server
    server.stall_greeting.set()
    server.stall_data.set()
    server.down()


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.stall.set()
    made.down()


def up(hall: Hall, mail: Mail | None, hook: Hook | None, missed: str = "at-once", more: str = ""):
    """A modem that counts rings and shows callers, and cannot answer: whoever calls is missed."""
    modem = hall.landline(VOICELESS)
    if mail:
        hall.box.clock = {"SSL_CERT_FILE": str(mail.certificate)}
    ways = (mail.table() if mail else "") + (f'webhook = "{hook.url}"\n' if hook else "")
    hall.box.provisioned(hall.settings(rings=20, missed=missed, more=f"{more}[notify]\n{ways}"))
    hall.box.start()
    hall.ready()
    return hall.box, modem


def missed(hall: Hall, modem, number: str = NATIONAL, nth: int = 1) -> None:
    modem.call_in(number, rings=2)
    hall.box.calls(nth, within=25)


def names(texts: list[str], caller: str) -> list[str]:
    return [text for text in texts if caller[3:] in digits(text)]


def again(hall: Hall) -> None:
    hall.box.kill()
    hall.box.start()
    hall.ready()


@pytest.mark.long
def test_a_missed_call_is_told_both_ways_and_once(hall, mail, hook):
    """The text that cannot be sent is shown as such; with no way out by text nothing waits for one."""
    box, modem = up(hall, mail, hook)
    missed(hall, modem)
    until(lambda: names(mail.texts(), CALLER) and names(hook.texts(), CALLER), 30, "both told")
    (row,) = [row for row in box.json("messages") if row["to"].startswith("+")]
    assert (row["state"], row["error"]) == ("failed", "no line can send texts")

    def states():
        return sorted(row["state"] for row in box.json("messages"))

    until(lambda: states() == ["failed", "sent", "sent"], 10, "both noted")
    again(hall)
    always(lambda: (len(mail.received), len(hook.posted)) == (1, 1), 20, "told twice")
    assert box.json("status")["messages"]["queued"] == 0
    box.ok("erase", CALLER)
    assert not names([row["text"] for row in box.json("messages")], CALLER)
    box.terminate()
    kept = b"".join(file.read_bytes() for file in box.state.rglob("*") if file.is_file())
    assert CALLER[1:].encode() not in kept, "a mail about somebody who is erased"


@pytest.mark.long
def test_servers_that_are_out_of_reach_for_a_while(hall, mail, hook):
    """Power cuts meanwhile; whatever was missed in that time is told when they are back, each way, once."""
    box, modem = up(hall, mail, hook)
    mail.down()
    hook.answers = [503] * 1000
    missed(hall, modem)
    until(lambda: any(row["tries"] and row["state"] == "queued" for row in box.json("messages")), 20, "tried")
    again(hall)
    until(lambda: len(hook.answers) < 998, 90, "tried again")
    missed(hall, modem, NATIONAL_OTHER, nth=2)
    until(lambda: len([row for row in box.json("messages") if row["state"] == "queued"]) >= 3, 150, "the second waits")
    assert box.json("status")["messages"]["queued"] >= 3
    again(hall)
    mail.up()
    hook.answers = []

    def told():
        return [len(names(texts, who)) for texts in (mail.texts(), hook.texts()) for who in (CALLER, OTHER)]

    until(lambda: 0 not in told(), 330, "told when the servers are back")
    until(lambda: box.json("status")["messages"]["queued"] == 0, 20, "all noted")
    again(hall)
    always(lambda: told() == [1, 1, 1, 1], 20, f"told twice: {told()}")


@pytest.mark.long
def test_killed_before_a_message_has_left(hall, mail):
    """The server takes the connection and says nothing: nothing was sent yet, so it is sent after the restart."""
    box, modem = up(hall, mail, None)
    mail.stall_greeting.clear()
    missed(hall, modem)
    assert mail.asked.wait(20), "nobody came"
    box.kill()
    mail.down()
    mail.stall_greeting.set()
    mail.up()
    box.start()
    hall.ready()
    until(lambda: names(mail.texts(), CALLER), 60, "the mail after the restart")
    always(lambda: len(mail.received) == 1, 15, "sent twice")
    assert [row["state"] for row in box.json("messages") if "@" in row["to"]] == ["sent"]


@pytest.mark.long
@pytest.mark.parametrize("way", ["mail", "hook"])
@pytest.mark.parametrize("all_of_it", [False, True], ids=["engine", "everything"])
def test_killed_while_the_server_takes_it(hall, mail, hook, way, all_of_it):
    """Never sent again. Where what sends it lives on, it is known to be taken; killed, too, that it may have been."""
    server = mail if way == "mail" else hook
    box, modem = up(hall, mail if way == "mail" else None, hook if way == "hook" else None)
    stall = mail.stall_data if way == "mail" else hook.stall
    stall.clear()
    missed(hall, modem)
    until(lambda: names(server.texts(), CALLER), 20, "taken")
    if all_of_it:
        hall.kill_children()
    again(hall)
    stall.set()

    def states():
        return [row["state"] for row in box.json("messages") if not row["to"].startswith("+")]

    until(lambda: states() == ["unknown" if all_of_it else "sent"], 130, "its fate")
    always(lambda: len(server.texts()) == 1, 20, "sent twice")


@pytest.mark.long
def test_killed_before_the_server_refuses_it(hall, hook):
    """Nobody hears the refusal; it is sent again all the same, and taken once."""
    box, modem = up(hall, None, hook)
    hook.stall.clear()
    hook.answers = [503]
    missed(hall, modem)
    assert hook.asked.wait(20), "nobody came"
    box.kill()
    hook.stall.set()
    box.start()
    hall.ready()
    until(lambda: names(hook.texts(), CALLER), 60, "sent again")
    until(lambda: [row["state"] for row in box.json("messages") if row["to"][0] != "+"] == ["sent"], 10, "noted")
    always(lambda: len(hook.posted) == 1, 15, "sent twice")


@pytest.mark.long
def test_a_mail_server_that_takes_its_time(hall, mail):
    """Half a minute for looking a mail over is usual: it is waited for, and not sent a second time."""
    box, modem = up(hall, mail, None)
    mail.stall_data.clear()
    missed(hall, modem)
    until(lambda: mail.received, 20, "taken")
    always(lambda: len(mail.received) == 1, 35, "sent again meanwhile")
    mail.stall_data.set()
    until(lambda: [row["state"] for row in box.json("messages") if "@" in row["to"]] == ["sent"], 15, "noted")
    always(lambda: len(mail.received) == 1, 10, "sent twice")


@pytest.mark.long
def test_a_digest_and_an_alarm(hall, mail, hook):
    """A summary at its time, and the modem that is gone: both have no other way."""
    at, seconds = soon(2)
    box, modem = up(hall, mail, hook, missed="digest", more=f'digest_at = ["{at}"]\n')
    missed(hall, modem)
    missed(hall, modem, NATIONAL_OTHER, nth=2)
    until(lambda: hook.posted and mail.received, seconds + 40, "the summary")
    for text in (*hook.texts(), *mail.texts()):
        assert names([text], CALLER) and names([text], OTHER), text
    modem.unplug()
    until(lambda: len(hook.posted) == 2 and len(mail.received) == 2, 720, "the alarm after ten minutes")
    assert "landline" in hook.texts()[1] and "landline" in mail.texts()[1]
    assert {row["kind"] for row in box.json("messages")} == {"digest", "alarm"}
