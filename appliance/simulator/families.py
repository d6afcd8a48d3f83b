"""How families of modules differ, as data: names, call reports, error words, the order of things.

Sources: 27.007; the AT manuals of Huawei (ME909, E-series), SIMCom (SIM7500/7600, SIM800) and Quectel (EC2x); the
behaviour that asterisk-chan-dongle, chan_quectel and ofono work around.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class CallReport:
    """A line the module prints when a call changes.

    `stage`: dialling alerting incoming waiting connected held ended missed. `template` knows {id} {dir} {stat} {mpty}
    {number} {type} {seconds} {hms} {cause}. `switch` is the command that turns it on; None: always on.
    """

    stage: str
    template: str
    switch: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One family of modules.

    `dial_ok`: when ATD's OK comes: at the `start` (most), at `alert`ing, at `connect` (old ones, 27.007 6.2).
    `dialling_and_chld1`: what CHLD=1 does to a leg still dialling or alerting: `ends`, `ignores` (OK, no effect),
    `refuses` (CME 3); 22.030 6.5.5.1 speaks of active calls only. `tries_command`: which command tells the PIN tries.
    `audio_interface`: the USB interface of its sound port, None: it has none; `audio_per_call`: it is switched on anew
    in every call. `key_report`: the line for a key pressed at the other end, once `key_switch` has asked for it;
    {key} or {code}, its ASCII number. `hangup_words`: cause (24.008) → the word printed when a call ends; others print
    NO CARRIER; "" prints nothing.
    """

    name: str
    manufacturer: str
    model: str
    revision: str
    banner: tuple[str, ...] = ("RDY",)
    ready: tuple[str, ...] = ()
    unknown: str = "ERROR"
    tries_command: str = "+CPINR"
    iccid_command: str = "+CCID"
    iccid_reply: str = "+CCID: {iccid}"
    clip: str = '+CLIP: "{number}",{type},,,,{validity}'
    ccwa: str = '+CCWA: "{number}",{type},1'
    clcc: str = '+CLCC: {id},{dir},{stat},0,{mpty},"{number}",{type}'
    plus: bool = True
    dial_ok: str = "start"
    dialling_and_chld1: str = "ignores"
    ath_ends_held: bool = True
    reject_cause: int = 21
    hangup_words: Mapping[int, str] = field(default_factory=lambda: {17: "BUSY", 19: "NO ANSWER"})
    reports: tuple[CallReport, ...] = ()
    accepts: tuple[str, ...] = ()
    chld: str = "(0,1,1x,2,2x,3,4)"
    audio_interface: int | None = None
    audio_per_call: bool = True
    key_switch: str = ""
    key_report: str = ""


GENERIC = Family(name="generic", manufacturer="Simulated", model="Generic GSM", revision="1.0")

HUAWEI = Family(
    name="huawei",
    manufacturer="huawei",
    model="E173",
    revision="11.126.85.00.209",
    banner=("^BOOT:24910628,0,0,0,75",),
    ready=("^SIMST:1", "^SRVST:2", "^MODE:5,4"),
    unknown="COMMAND NOT SUPPORT",
    tries_command="^CPIN",
    iccid_command="^ICCID",
    iccid_reply="^ICCID: {iccid}F",
    dialling_and_chld1="ends",
    hangup_words={17: "NO CARRIER"},
    reports=(
        CallReport("dialling", "^ORIG:{id},0"),
        CallReport("alerting", "^CONF:{id}"),
        CallReport("connected", "^CONN:{id},0"),
        CallReport("ended", "^CEND:{id},{seconds},29,{cause}"),
    ),
    accepts=("^CURC", "^U2DIAG", "^SYSCFG", "^PORTSEL"),
    audio_interface=1,
)

_SIMCOM_CLCC = '+CLCC: {id},{dir},{stat},0,{mpty},"{number}",{type},""'

SIMCOM = Family(
    name="simcom",
    manufacturer="SIMCOM INCORPORATED",
    model="SIMCOM_SIM7600E-H",
    revision="LE20B03SIM7600M22",
    banner=("RDY", "+CFUN: 1"),
    ready=("+CPIN: READY", "SMS DONE", "PB DONE"),
    tries_command="+SPIC",
    iccid_command="+CICCID",
    iccid_reply="+ICCID: {iccid}",
    clip='+CLIP: "{number}",{type},"",,"",{validity}',
    clcc=_SIMCOM_CLCC,
    dialling_and_chld1="refuses",
    reports=(
        CallReport("connected", "VOICE CALL: BEGIN"),
        CallReport("ended", "VOICE CALL: END: {hms}"),
        CallReport("missed", "MISSED_CALL: 11:00AM {number}"),
        *(
            CallReport(stage, _SIMCOM_CLCC, "+CLCC")
            for stage in ("dialling", "alerting", "incoming", "waiting", "connected", "held", "ended")
        ),
    ),
    accepts=("+CSDVC", "+CVHU", "+CPCMFRM"),
    audio_interface=4,
    key_switch="+DDET",
    key_report="+RXDTMF: {key}",
)

SIM800 = replace(
    SIMCOM,
    name="sim800",
    manufacturer="SIMCOM_Ltd",
    model="SIMCOM_SIM800L",
    revision="1418B05SIM800L24",
    banner=("RDY", "+CFUN: 1"),
    ready=("+CPIN: READY", "Call Ready", "SMS Ready"),
    iccid_command="+CCID",
    iccid_reply="{iccid}",
    hangup_words={17: "BUSY", 19: "NO ANSWER"},
    reports=tuple(report for report in SIMCOM.reports if report.switch is not None),
    accepts=("+CVHU",),
    audio_interface=None,
    key_report="+DTMF: {key}",
)
"""2G only; its sound is analog and has no port, keys pressed at the other end are told."""

QUECTEL = Family(
    name="quectel",
    manufacturer="Quectel",
    model="EC25",
    revision="EC25EFAR06A06M4G",
    banner=("RDY",),
    ready=("+CPIN: READY", "+QUSIM: 1", "+QIND: SMS DONE", "+QIND: PB DONE"),
    tries_command="+QPINC",
    iccid_command="+QCCID",
    iccid_reply="+QCCID: {iccid}",
    ccwa='+CCWA: "{number}",{type},1,,0',
    dialling_and_chld1="ends",
    reports=tuple(
        report
        for stage in ("dialling", "alerting", "incoming", "waiting", "connected", "held", "ended")
        for report in (
            CallReport(stage, '+QIND: "ccinfo",{id},{dir},{stat},0,{mpty},"{number}",{type}', "+QINDCFG"),
            CallReport(stage, "^DSCI: {id},{dir},{stat},0,{number},{type}", "^DSCI"),
        )
    ),
    accepts=("+QURCCFG", "+QCFG", "+QAUDMOD"),
    audio_interface=1,
    audio_per_call=False,
    key_switch="+QTONEDET",
    key_report="+QTONEDET: {code}",
)

ENDED_STAT = {"+CLCC": 6, "+QINDCFG": -1, "^DSCI": 6}
"""How each kind of report numbers the end of a call."""

DSCI_STAT = {0: 3, 1: 1, 2: 2, 3: 7, 4: 4, 5: 5}
"""CLCC's states as ^DSCI numbers them."""

FAMILIES: dict[str, Family] = {family.name: family for family in (GENERIC, HUAWEI, SIMCOM, SIM800, QUECTEL)}
