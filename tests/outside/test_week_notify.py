"""The second way out: alarms and summaries by e-mail and webhook, also for a box that has no line for texts."""

from email import message_from_bytes, policy

import pytest

from .box import OWNER, settings, until
from .servers import Hook, Mail
from .week import CALLER, digits, missed, next_text, soon


@pytest.fixture
def mail(tmp_path):
    server = Mail(tmp_path)
    yield server
    server.down()


@pytest.fixture
def hook():
    made = Hook(500, 503)
    yield made
    made.down()


def gap() -> str:
    """A roster whose only shift is over: nobody is on call tomorrow, and that is an alarm."""
    return '[[roster]]\ntarget = "desk"\nfrom = 2026-01-01T00:00:00\nto = 2026-01-02T00:00:00\n'


@pytest.mark.long
def test_an_alarm_by_mail_and_webhook(stage, mail, hook):
    """Over TLS with the server's certificate checked; a webhook that fails is tried again; each once."""
    stage.box.clock = {"SSL_CERT_FILE": str(mail.certificate)}
    modem = stage.module()
    more = gap() + f'[notify]\n{mail.table()}webhook = "{hook.url}"\n'
    stage.box.provisioned(settings(modem.link, chain=("on-call",), more=more))
    stage.box.start()
    stage.box.ready()
    until(lambda: mail.received, 90, "the mail")
    until(lambda: hook.posted, 90, "the webhook")
    message = message_from_bytes(mail.received[0], policy=policy.default)
    assert message["To"] == "meister@example.de" and "Bereitschaft" in message.get_content() + message["Subject"]
    assert "Bereitschaft" in hook.posted[0].decode()
    assert (len(mail.received), len(hook.posted), mail.in_clear) == (1, 1, [])
    assert "geheim!" not in "".join(stage.box.output)


@pytest.mark.long
def test_a_certificate_that_nobody_vouches_for(stage, mail):
    """Then the mail is not sent, not even in clear, and calls and texts go on."""
    modem = stage.module()
    more = gap() + f"[notify]\n{mail.table()}"
    stage.box.provisioned(settings(modem.link, chain=("on-call",), more=more))
    stage.box.start()
    stage.box.ready()
    until(lambda: modem.pdus, 90, "the alarm by text")
    call = modem.call_in(CALLER)
    until(lambda: len(call.rings) == 2, 10, "two rings")
    modem.leaves(call)
    stage.box.calls(1, within=15)
    assert mail.received == [] and mail.users == [] and mail.in_clear == []


@pytest.mark.long
def test_a_digest_goes_both_ways(stage, hook):
    """By text and by webhook, the same one, each once."""
    at, seconds = soon(2)
    modem = stage.module()
    more = f'digest_at = ["{at}"]\n[notify]\nwebhook = "{hook.url}"\n'
    stage.box.provisioned(settings(modem.link, missed="digest", more=more))
    stage.box.start()
    stage.box.ready()
    missed(modem)
    until(lambda: any(CALLER[3:] in digits(body.decode()) for body in hook.posted), seconds + 60, "the digest posted")
    assert CALLER[3:] in digits(next_text(modem, OWNER, 0, within=20))
    assert (len(hook.posted), len(modem.pdus)) == (1, 1)
