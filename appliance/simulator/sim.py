"""The SIM card: present or not, its PIN and PUK with the tries left. The tries outlive every reboot, as on a card."""

from __future__ import annotations

from dataclasses import dataclass, field

NOT_INSERTED, PIN_REQUIRED, PUK_REQUIRED, SIM_FAILURE, SIM_BUSY, SIM_WRONG, WRONG_PIN = 10, 11, 12, 13, 14, 15, 16
"""+CME ERROR codes, 27.007 9.2.1."""


@dataclass(slots=True)
class Sim:
    """A card. `pin` None: it asks for none. `entered` lists every PIN ever tried on it, to see how often that was."""

    imsi: str = "262011234567890"
    iccid: str = "8949020000012345678"
    pin: str | None = None
    puk: str = "12345678"
    pin_tries: int = 3
    puk_tries: int = 10
    present: bool = True
    busy: bool = False
    unlocked: bool = False
    entered: list[str] = field(default_factory=list)

    def power_on(self) -> None:
        """The card starts: a PIN is asked for again."""
        self.unlocked = self.pin is None and self.pin_tries > 0

    @property
    def error(self) -> int | None:
        """The +CME ERROR a command gets that needs the card; None when it is ready."""
        if not self.present:
            return NOT_INSERTED
        if self.busy:
            return SIM_BUSY
        if self.puk_tries == 0:
            return SIM_FAILURE
        if self.pin_tries == 0:
            return PUK_REQUIRED
        return None if self.unlocked else PIN_REQUIRED

    def enter_pin(self, pin: str) -> int | None:
        """None when it was right, else the +CME ERROR; a wrong one costs a try."""
        self.entered.append(pin)
        if self.error not in (None, PIN_REQUIRED):
            return self.error
        if pin == self.pin or self.pin is None:
            self.pin_tries, self.unlocked = 3, True
            return None
        self.pin_tries -= 1
        return WRONG_PIN if self.pin_tries else PUK_REQUIRED

    def enter_puk(self, puk: str, new_pin: str) -> int | None:
        """Unblock the card and set a PIN (22.030 6.6.3)."""
        if self.error != PUK_REQUIRED:
            return self.error or WRONG_PIN
        if puk == self.puk:
            self.pin, self.pin_tries, self.puk_tries, self.unlocked = new_pin, 3, 10, True
            return None
        self.puk_tries -= 1
        return WRONG_PIN
