"""How analog modems differ, as data.

Sources: V.253 (2000-02); Conexant "AT Commands for CX930xx" 102752 and "100722" (-STE, +VTR, DLE codes, result codes);
the +VSM lists that CX93001 and USR5637 print in ncid's and vgetty's logs; Rockwell's and 3Com's caller ID examples.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AnalogFamily:
    """One family of analog modems.

    `vsm`: the lines of +VSM=?. `codings`: number in it → how a sample is written (see codings); `vls` likewise, and
    `line` its number for the telephone line. `spaced`: caller ID is printed with blanks round `=`. `voice_ring`: in
    voice mode a ring is DLE R instead of RING. `answer_word`, `lift_word`: the result of ATA and of +VLS in voice mode.
    `extension`: the command for line-in-use, extension and hang-up detection; its bits are Conexant's.
    `always_detects`: these are reported without it. `dtmf`: `shielded` DLE / … digit every 70 ms … DLE ~, or `once`.
    `hangup_leaves_voice`: ATH resets +FCLASS. `inactivity`: default of +VIT in tenths of a second, 0 off.
    `tone_time`: default of +VTD in 10 ms. `flash`: length of a bare `!` in seconds. `transmit_end`: result after
    DLE ETX of +VTX. `buffer`: octets of sound it takes ahead of time.
    """

    name: str
    manufacturer: str
    model: str
    revision: str
    identity: str
    fclass: str = "0,1,1.0,8"
    vsm: tuple[str, ...] = ()
    codings: dict[int, str] = field(default_factory=dict)
    rates: tuple[int, ...] = (8000,)
    vls: tuple[str, ...] = ()
    line: int = 1
    spaced: bool = True
    voice_ring: bool = True
    answer_word: str = "VCON"
    lift_word: str = "OK"
    extension: str = ""
    always_detects: bool = False
    dtmf: str = "shielded"
    duplex: bool = True
    hangup_leaves_voice: bool = False
    country: str = "+GCI"
    inactivity: int = 0
    tone_time: int = 100
    flash: float = 0.1
    transmit_end: str = "OK"
    buffer: int = 2048

    @property
    def voice(self) -> bool:
        """Whether there is a voice mode at all."""
        return bool(self.vsm)


_EVENTS = "0B8C18E1,4F8C18E1,4B8C18E1"

CONEXANT = AnalogFamily(
    name="conexant",
    manufacturer="CONEXANT",
    model="V90",
    revision="CX93001-EIS_V0.2013-V92",
    identity="56000",
    fclass="0,1,1.0,8",
    vsm=(
        '0,"SIGNED PCM",8,0,8000,0,0',
        '1,"UNSIGNED PCM",8,0,8000,0,0',
        '129,"IMA ADPCM",4,0,8000,0,0',
        '130,"UNSIGNED PCM",8,0,8000,0,0',
        '131,"Mu-Law",8,0,8000,0,0',
        '132,"A-Law",8,0,8000,0,0',
        '133,"14 bit PCM",14,0,8000,0,0',
    ),
    codings={0: "s8", 1: "u8", 130: "u8", 131: "ulaw", 132: "alaw"},
    vls=(
        '0,"",B0000000,B0000000,B0000000',
        f'1,"T",{_EVENTS}',
        f'2,"L",{_EVENTS}',
        f'3,"LT",{_EVENTS}',
        f'4,"S",{_EVENTS}',
        f'5,"ST",{_EVENTS}',
        f'6,"M",{_EVENTS}',
        f'7,"MST",{_EVENTS}',
    ),
    extension="-STE",
)

USR = AnalogFamily(
    name="usr",
    manufacturer="U.S. Robotics",
    model="U.S. Robotics 56K FAX USB",
    revision="V1.2.23",
    identity="5601",
    fclass="0,1,1.0,2.0,8",
    vsm=(
        '128,"8-BIT LINEAR",(7200,8000,11025)',
        '129,"16-BIT LINEAR",(7200,8000,11025)',
        '130,"8-BIT ALAW",(8000)',
        '131,"8-BIT ULAW",(8000)',
        '132,"IMA ADPCM",(7200,8000,11025)',
    ),
    codings={128: "u8", 129: "s16le", 130: "alaw", 131: "ulaw"},
    rates=(7200, 8000, 11025),
    vls=(
        '0,"",B0000000,B0000000,B0000000',
        f'1,"T",{_EVENTS}',
        f'4,"S",{_EVENTS}',
        f'5,"ST",{_EVENTS}',
        f'6,"M",{_EVENTS}',
        f'7,"MST",{_EVENTS}',
    ),
    spaced=False,
    voice_ring=False,
    answer_word="OK",
    always_detects=True,
    dtmf="once",
    hangup_leaves_voice=True,
    inactivity=70,
)

GENERIC = AnalogFamily(
    name="v253",
    manufacturer="ACME",
    model="V.253 voice modem",
    revision="3.7",
    identity="33600",
    fclass="(0,1,8)",
    vsm=(
        '+VSM: 4,"IMA ADPCM",4,0,(7200,8000),(0),(0)',
        '+VSM: 5,"G.711 ULAW",8,0,(8000),(0),(0)',
        '+VSM: 6,"8-BIT LINEAR",8,0,(7200,8000),(0),(0)',
    ),
    codings={5: "ulaw", 6: "u8"},
    vls=(
        '+VLS: 0,"",B0000000,B0000000,B0000000',
        f'+VLS: 1,"S",{_EVENTS}',
        f'+VLS: 2,"T",{_EVENTS}',
        f'+VLS: 3,"TS",{_EVENTS}',
    ),
    line=2,
    answer_word="VCON",
    lift_word="VCON",
    duplex=False,
    transmit_end="VCON",
    inactivity=0,
)

NO_VOICE = AnalogFamily(
    name="novoice",
    manufacturer="LT",
    model="56K data fax modem",
    revision="8.31",
    identity="56000",
    fclass="0,1,2",
    country="+GCI",
)

FAMILIES = {family.name: family for family in (CONEXANT, USR, GENERIC, NO_VOICE)}
