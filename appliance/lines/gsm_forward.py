"""What a GSM line does with a call: answer, deflect, hold and dial, transfer, conference, fetch back, release.

Each is a script that asks the module and believes only +CLCC: an OK proves nothing (27.007 7.13, 22.030 6.5.5).
A waiting call has precedence in every +CHLD, so it is turned away first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.at.command import Command, Priority
from appliance.at.profiles import RESULT_CODES
from appliance.at.replies import Stat
from appliance.core import actions, events
from appliance.lines.scripts import Legs, Part, Script, Until

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

ANSWER_WITHIN = 20.0
"""Seconds for ATA (V.250 6.3.5 lets it last as long as a connection may take)."""
ANSWER_TRIES = 3
DIAL_MARGIN = 30.0
"""Seconds more than the target may ring: the core gives up first."""
DEFLECT_WITHIN = 20.0
JOIN_OK_WITHIN = 5.0
TRANSFERRED_WITHIN = 2.0
"""Seconds after the OK of CHLD=4 in which both legs must be gone (23.091 explicit call transfer)."""
CHANGE_WITHIN = 3.0
"""Seconds a module may take to show a hold, a retrieve or a conference in +CLCC."""
LIST_WITHIN = 1.5
"""Seconds from ring N on: some modules list a call a while after its first RING."""
RELEASE_WITHIN = 1.5
REFUSED_WITHIN = 0.1
"""Seconds for a look at +CLCC after a refusal: just long enough for an answer."""


def script_for(line: GsmLine, action: actions.Action) -> Script:
    """The script that carries out an action of the core."""
    if isinstance(action, actions.Answer):
        return answer(line)
    if isinstance(action, actions.Deflect):
        return deflect(line, action.number)
    if isinstance(action, actions.Dial):
        return dial(line, action.number, action.patience)
    if isinstance(action, actions.Join):
        return conference(line) if action.method == "conference" else transfer(line)
    if isinstance(action, actions.FetchBack):
        return fetch_back(line)
    return hang_up(line)


def answer(line: GsmLine) -> Script:
    """Lift, if +CLCC says right before that the caller still rings.

    A module that does not say, because it cannot or is busy with something else, is taken at its word instead.
    """
    listed = yield Until(lambda legs: line.call.legs.caller is not None, LIST_WITHIN)
    for _ in range(ANSWER_TRIES):
        if line.call.legs.caller is None and listed is not None:
            line.call.caller_gone("not listed any more before answering")
            return
        lifted = False
        if line.call.legs.caller is None or line.call.legs.caller.stat is Stat.INCOMING:
            reply = yield _control("ATA", ANSWER_WITHIN, call_results=True)
            lifted = reply.ok or reply.result.startswith("CONNECT")
        listed = yield Until(_caller_is(line, Stat.ACTIVE), CHANGE_WITHIN)
        if listed or (listed is None and lifted):
            break
    if (line.call.legs.caller and line.call.legs.caller.stat is Stat.ACTIVE) or (listed is None and lifted):
        line.call.caller_up()
        line.emit(events.Answered(line.name))
    else:
        line.call.caller_gone("gone when we answered")


def deflect(line: GsmLine, number: str) -> Script:
    """Pass the ringing call on without lifting (27.007 7.14, 22.072)."""
    line.call.joining()
    reply = yield _control(f'AT+CTFR="{number}",145', DEFLECT_WITHIN, prefixes=("+CTFR:",))
    gone = yield Until(lambda legs: line.call.legs.caller is None, TRANSFERRED_WITHIN if reply.ok else 0.5)
    if reply.ok and gone:
        line.call.given_away("deflect")
        return
    line.call.rings_on()
    if gone:
        line.call.caller_gone("hung up while being deflected")
    else:
        reason = f"deflect: {reply.result}" + (" without effect" if reply.ok else "")
        if reply.answered:
            line.remember_refusal("deflect", reason)
        line.emit(events.JoinRefused(line.name, "deflect", reason))


def dial(line: GsmLine, number: str, patience: float) -> Script:
    """Hold the caller, call the target; from an idle line, call him for another line's caller. What then becomes of the
    target's leg, reconciling reports.

    Most modules say OK to ATD at once; some only when the target answers, and nothing can be asked until then.
    """
    alone = line.call.idle
    if alone:
        line.call.target_called()
        yield Until(lambda legs: True, LIST_WITHIN)  # somebody may have begun to ring: then he goes first
    elif not (yield from _caller_on_hold(line)):
        if line.call.legs.caller is not None:
            line.call.target_failed("failed", "the caller could not be put on hold")
        return
    else:
        line.call.target_called()
    reply = yield _control(f"ATD{number};", patience + DIAL_MARGIN, call_results=True)
    listed = yield Until(lambda legs: line.call.legs.target is not None, CHANGE_WITHIN if reply.ok else 1.0)
    if not listed and (alone or line.call.legs.caller is not None):
        heard = RESULT_CODES.get(reply.result) or line.call.take_hint()
        line.call.target_failed(heard or ("refused" if reply.ok else "failed"), f"never listed: {reply.result}")


def transfer(line: GsmLine) -> Script:
    """CHLD=4: connect the two and leave the call (23.091). Success is both legs gone from +CLCC."""
    yield from _turn_away_waiting(line)
    line.call.joining()
    reply = yield _control("AT+CHLD=4", JOIN_OK_WITHIN)
    yield Until(lambda legs: not line.call.legs.ours, TRANSFERRED_WITHIN if reply.ok else 0.5)
    if not line.call.legs.ours and (reply.ok or not reply.answered):
        line.call.given_away("transfer")
        return
    reason = f"transfer: {reply.result}" + (" without effect" if reply.ok else "")
    if reply.answered and line.call.legs.caller and line.call.legs.target:
        line.remember_refusal("transfer", reason)
    line.call.join_failed("transfer", reason)


def conference(line: GsmLine) -> Script:
    """CHLD=3: join the two and stay in the call, muted (22.084). Success is mpty = 1 on both."""
    yield from _turn_away_waiting(line)
    line.call.joining()
    reply = yield _control("AT+CHLD=3", JOIN_OK_WITHIN)
    both = yield Until(
        lambda legs: line.call.legs.in_conference,
        CHANGE_WITHIN if reply.ok else 0.5,
    )
    if not both:
        reason = f"conference: {reply.result}" + (" without effect" if reply.ok else "")
        line.call.join_failed("conference", reason)
        return
    line.call.joined()
    line.emit(events.Joined(line.name, "conference", stays=True))
    line.call.muted = True
    yield _control("AT+CMUT=1")


def fetch_back(line: GsmLine) -> Script:
    """Release the target, take the caller off hold.

    CHLD=1 does both, but 22.030 6.5.5.1 defines it for active calls: a leg still dialling or alerting takes CHUP.
    """
    line.call.target_given_up()
    yield from _turn_away_waiting(line)
    if line.call.legs.target is not None:
        reply = yield _control("AT+CHLD=1")
        if not (yield Until(lambda legs: line.call.legs.target is None, 1.0 if reply.ok else REFUSED_WITHIN)):
            yield _control("AT+CHUP")
            yield Until(lambda legs: line.call.legs.target is None, RELEASE_WITHIN)
    for _ in range(2):
        if line.call.legs.caller is None or line.call.legs.caller.stat is Stat.ACTIVE:
            break
        yield _control("AT+CHLD=2")
        yield Until(_caller_is(line, Stat.ACTIVE), CHANGE_WITHIN)
    if line.call.legs.caller is None:
        return  # reconciling has said so
    if line.call.legs.target is None and line.call.legs.caller.stat is Stat.ACTIVE:
        line.call.caller_up()
        line.emit(events.CallerBack(line.name))
    else:
        line.call.caller_gone("could not be fetched back")


def hang_up(line: GsmLine) -> Script:
    """Release every leg, by ever stronger means; a caller who begins to ring meanwhile is left alone."""
    line.call.releasing()
    gone = _gone({leg.id for leg in line.call.legs.all if leg.stat is Stat.INCOMING})
    if all(leg.stat is Stat.HELD for leg in line.call.legs.all):
        ladder = ("AT+CHLD=0", "AT+CHUP", "AT+CHLD=1", "ATH")
    else:
        ladder = ("AT+CHUP", "ATH", "AT+CHLD=0", "AT+CHLD=1")
    for text in ladder:
        reply = yield _control(text)
        if (yield Until(gone, RELEASE_WITHIN if reply.ok else REFUSED_WITHIN)):
            break
    if line.call.muted:
        line.call.muted = False
        yield _control("AT+CMUT=0")
    line.call.released()


def shut_down(line: GsmLine, under_way: bool) -> Script:
    """The engine stops: release every call but one that only rings; with the radio off the network diverts at once."""
    if not line.idle:
        yield Until(lambda legs: True, RELEASE_WITHIN)
    if under_way or any(leg.stat is not Stat.INCOMING for leg in line.call.legs.all):
        line.call.releasing()
        yield _control("AT+CHUP")
        if not (yield Until(lambda legs: not legs, RELEASE_WITHIN)):
            yield _control("AT+CHLD=0")
            yield _control("ATH")
    if line.config.safety_net and line.facts.net_confirmed:
        yield _control("AT+CFUN=0", limit=5.0)
    line.call.released()


def _caller_is(line: GsmLine, stat: Stat) -> Callable[[Legs], bool]:
    """The caller's leg has come to this, or is gone."""
    return lambda legs: line.call.legs.caller is None or line.call.legs.caller.stat is stat


def _gone(rang: set[int]) -> Callable[[Legs], bool]:
    """Nothing is left but somebody who began to ring meanwhile. `rang`: ids of those that rang when it began.

    A call that was answered never rings again: an id that is listed as incoming after that is a new call's.
    """
    return lambda legs: all(leg.stat in (Stat.INCOMING, Stat.WAITING) and leg.id not in rang for leg in legs)


def _control(text: str, limit: float = 3.0, prefixes: tuple[str, ...] = (), call_results: bool = False) -> Command:
    return Command(text, limit=limit, prefixes=prefixes, call_results=call_results, priority=Priority.CALL)


def _caller_on_hold(line: GsmLine) -> Part:
    yield from _turn_away_waiting(line)
    for _ in range(2):
        if line.call.legs.caller is None or line.call.legs.caller.stat is Stat.HELD:
            break
        yield _control("AT+CHLD=2")
        yield Until(_caller_is(line, Stat.HELD), CHANGE_WITHIN)
    return line.call.legs.caller is not None and line.call.legs.caller.stat is Stat.HELD


def _turn_away_waiting(line: GsmLine) -> Part:
    if line.call.legs.waiting is None:
        return True
    gone = yield Until(lambda legs: line.call.legs.waiting is None, CHANGE_WITHIN)
    return bool(gone)
