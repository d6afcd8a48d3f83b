"""Whatever a modem, a studio and a core come up with: nothing raises, and a line that is released becomes free."""

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core import actions, events
from appliance.core.settings import Site
from appliance.core.sound import Heard, ModemSays, Played, Recorded, SoundFailed
from tests.lines.analog_bench import CONEXANT, NO_VOICE, USR, Bench

SAID = st.one_of(
    st.sampled_from([b"\x10R", b"\x10P", b"\x10p", b"\x10H", b"\x10", b"\r\nNMBR=P\r\n", b"\r\nNMBR=0301234567\r\n"]),
    st.sampled_from(["RING", "OK", "ERROR", "NO CARRIER", "CONNECT", "LINE-IN-USE", "VCON"]).map(
        lambda line: f"\r\n{line}\r\n".encode()
    ),
    st.binary(max_size=12),
)
HEARD = st.one_of(
    st.builds(
        Heard,
        st.sampled_from(["dial", "busy", "congestion", "ringback", "sit", "voice", "silence"]),
        st.integers(0, 4),
        st.floats(0, 70),
    ),
    st.builds(lambda digit: Heard("digit", digit=digit), st.sampled_from("0159#*")),
    st.sampled_from([ModemSays("l"), ModemSays("P"), SoundFailed("no")]),
    st.builds(Played, st.sampled_from(["a.wav", "beep"])),
    st.builds(Recorded, st.just("m.wav"), st.floats(0, 100), st.sampled_from(["silence", "digit", "limit", "end"])),
)
ASKED = st.sampled_from(
    [
        actions.Answer(),
        actions.Dial("+49301111111", 20.0),
        actions.Join("flash"),
        actions.FetchBack(),
        actions.HangUp(),
        actions.Confirm("a.wav", 10.0),
        actions.KeepWaiting("hold"),
        actions.Say("a.wav"),
        actions.TakeMessage("m.wav", 30.0),
        actions.EndMessage(),
        actions.OpenSound(),
        actions.CheckDiversions(erase=True),
        actions.ForgetRefusals(),
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("say"), SAID),
    st.tuples(st.just("hear"), HEARD),
    st.tuples(st.just("do"), ASKED),
    st.tuples(st.just("do"), ASKED),
    st.tuples(st.just("run"), st.floats(0, 12)),
    st.tuples(st.just("end"), st.sampled_from(["asked", "modem", "wedged", "crash", "failed"])),
    st.tuples(st.just("silent"), st.booleans()),
)
MODEMS = st.sampled_from(
    [
        CONEXANT,
        USR,
        NO_VOICE,
        CONEXANT | {"AT+VTR": ("ERROR",)},
        CONEXANT | {"AT+VTR": lambda: None},
        CONEXANT | {"ATDT;": ("LINE-IN-USE",)},
        CONEXANT | {"AT+VTS={!,9}": ("ERROR",), "AT+VLS=1": ("NO CARRIER",)},
    ]
)


def step(bench, kind, what):
    if kind == "say":
        if bench.stream is None:
            bench.say(what)
    elif kind == "hear":
        if bench.stream is not None:
            bench.hear(what)
    elif kind == "do":
        bench.do(what)
    elif kind == "run":
        bench.run(what)
    elif kind == "end":
        if bench.stream is not None:
            bench.end_stream(what)
            bench.settle()
    else:
        bench.silent = what


@settings(max_examples=150)
@given(MODEMS, st.builds(Site, blind=st.booleans()), st.lists(STEPS, max_size=25))
def test_a_line_that_is_released_becomes_free(says, site, steps):
    bench = Bench(says, site, safety_net="+49302222222")
    for kind, what in steps:
        step(bench, kind, what)
    bench.silent = False
    bench.take()
    if bench.line.lost:
        bench.line.port_opened(bench.now)
    bench.do(actions.HangUp())
    bench.run(60.0)
    if bench.line.lost:
        bench.line.port_opened(bench.now)
        bench.run(60.0)
    assert bench.line.lost is None
    assert bench.stream is None, "the port is ours again"
    assert not bench.line.call.lifted
    if not bench.line.idle:  # somebody here has lifted, which no release of ours ends
        bench.ring()
        bench.run(3800.0)
    assert bench.line.idle
    bench.take()
    bench.ring()
    assert events.Ring("shop") in bench.take()
