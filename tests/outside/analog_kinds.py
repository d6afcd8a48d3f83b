"""Makes of analog modems, as a program sees them differ: what they are called, what they offer, how they say things."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`fclass` is the reply to +FCLASS=?; `formats` and `lines` those to +VSM=? and +VLS=?; `ring` RING, DLE or both;
    `unsigned` the number of the format that this modem can do, by `lines` the one of the telephone line."""

    model: str
    maker: str
    fclass: str
    formats: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    unsigned: str = "1"
    line: str = "1"
    ring: str = "RING"
    abort: bytes = b"\x10\x03\r\nOK\r\n"
    picked_up: bytes = b"\x10p"  # what a parallel phone shows itself by
    in_use: str = "OK"  # the reply to going off-hook while it is lifted


CONEXANT = Kind(
    "CX93001-EIS_V0.2013-V92", "CONEXANT", "0,1,1.0,2,8",
    ('0,"SIGNED PCM",8,0,8000,0,0', '1,"UNSIGNED PCM",8,0,8000,0,0', '129,"IMA ADPCM",4,0,8000,0,0',
     '140,"2 Bit ADPCM",2,0,8000,0,0'),
    ('0,"",B0000000,B0000000,B0000000', '1,"T",0B8418000,0B8418000,0B8418000', '2,"L",0B8418000,0B8418000,0B8418000'),
)  # fmt: skip
USR = Kind(
    "U.S. Robotics 56K FAX USB V1.2.23", "U.S. Robotics", "0,1,2.0,8",
    ('0,"SIGNED PCM",8,0,8000,0,0', '1,"16 BIT LINEAR",16,0,8000,0,0', '128,"8-BIT UNSIGNED LINEAR",8,0,8000,0,0',
     '129,"IMA ADPCM",4,0,8000,0,0'),
    ('0,"",B0000000,B0000000', '4,"S",0B8418000,0B8418000', '5,"T",0B8418000,0B8418000'),
    unsigned="128", line="5", ring="DLE", abort=b"\r\nVCON\r\n",
)  # fmt: skip
VOICELESS = Kind("56K DATA FAX", "Generic", "0,1,2")
