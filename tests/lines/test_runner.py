"""Scripts and what resumes them."""

from appliance.at.command import Command, Priority
from appliance.at.session import Done, Session
from appliance.core.sound import Heard, Played
from appliance.lines.runner import Runner
from appliance.lines.scripts import Hear, LateAnswer, Pause, Until


class Host:
    def __init__(self):
        self.session = Session(frozenset(), ())
        self.now = 0.0
        self.asked = []
        self.runner = Runner(self)

    def ask_calls(self, urgent=False):
        self.asked.append(urgent)

    def hear(self, data):
        for event in self.session.receive(data, self.now):
            if isinstance(event, Done):
                self.runner.on_reply(event.reply)


def recording(waits, log):
    def script():
        for wait in waits:
            log.append((yield wait))

    return script()


def test_a_command_gives_its_reply():
    host, log = Host(), []
    host.runner.start_call(recording([Command("AT")], log))
    assert host.session.data_to_send() == b"AT\r"
    host.hear(b"\r\nOK\r\n")
    assert log[0].ok
    assert not host.runner.call_is_running


def test_a_pause_ends_with_time():
    host, log = Host(), []
    host.runner.start_call(recording([Pause(2.0)], log))
    assert host.runner.deadline() == 2.0
    host.now = 1.9
    host.runner.tick()
    assert log == []
    host.now = 2.0
    host.runner.tick()
    assert log == [None]


def test_until_true_false_or_not_known():
    host, log = Host(), []
    host.runner.start_call(recording([Until(bool, 1.0)] * 3, log))
    host.runner.on_calls(("a leg",))
    host.runner.on_calls(())
    host.now = 1.0
    host.runner.tick()
    host.now = 2.0
    host.runner.tick()
    assert log == [True, False, None]
    assert host.asked == [True] * 3, "what the call waits for is urgent"


def test_the_side_does_not_ask_urgently():
    host = Host()
    host.runner.start_side(lambda: recording([Until(bool, 1.0)], []))
    assert host.asked == [False]


def test_a_late_answer():
    host, log = Host(), []
    text = Command("AT+CMGS=1", body="00")
    host.runner.start_side(lambda: recording([LateAnswer(text, 60.0)], log))
    assert not host.runner.on_late_text(Command("AT+CMGS=1", body="00"), True)
    assert host.runner.on_late_text(text, True)
    assert log == [True]


def test_one_on_the_side_at_a_time_in_order():
    host, log = Host(), []
    for name in ("one", "two"):
        host.runner.start_side(lambda name=name: recording([Command(name)], log))
    assert host.session.data_to_send() == b"one\r"
    host.hear(b"\r\nOK\r\n")
    assert host.session.data_to_send() == b"two\r"


def test_a_cancelled_script_is_closed_and_its_command_taken_back():
    host, closed = Host(), []
    host.session.submit(Command("busy"), 0.0)

    def script():
        try:
            yield Command("waits", priority=Priority.CALL)
        finally:
            closed.append(True)

    host.runner.start_call(script())
    host.runner.cancel_call()
    assert closed == [True]
    host.session.data_to_send()
    host.hear(b"\r\nOK\r\n")
    assert host.session.data_to_send() == b""


def test_a_script_that_cancels_itself_does_not_go_on():
    host, log = Host(), []

    def script():
        host.runner.cancel_call()
        log.append("still here")
        yield Command("never sent")
        log.append("never reached")

    host.runner.start_call(script())
    assert log == ["still here"]
    assert host.session.data_to_send() == b""


def test_a_reset_keeps_only_what_survives():
    host, log = Host(), []
    host.runner.start_side(lambda: recording([Command("start")], log))
    host.runner.start_side(lambda: recording([Command("health")], log))
    host.runner.start_side(lambda: recording([Command("text")], log), survives=True)
    host.runner.reset()
    host.session.reset()
    host.runner.next_side()
    assert host.session.data_to_send() == b"text\r"


def test_a_sound_that_is_waited_for():
    host, log = Host(), []
    host.runner.start_call(recording([Hear(lambda event: isinstance(event, Played), 2.0)], log))
    assert not host.runner.on_sound(Heard("dial"))
    assert host.runner.on_sound(Played("hold"))
    assert log == [Played("hold")]


def test_a_sound_that_does_not_come():
    host, log = Host(), []
    host.runner.start_call(recording([Hear(lambda event: True, 2.0)], log))
    host.now = 2.0
    host.runner.tick()
    assert log == [None]
