"""The AT dialogue with a modem: framing, one command in flight, replies, profiles. No I/O, no clock."""
