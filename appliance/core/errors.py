"""What can go wrong, by whose doing. Everything Rufweiche raises on purpose descends from one class."""


class RufweicheError(Exception):
    """Base of all our errors."""


class UserError(RufweicheError):
    """Something the user can mend; the text is one sentence naming the cure. Exit status 2."""


class ModemError(RufweicheError):
    """The modem or the network sent something that cannot be used."""


class PduError(ModemError):
    """A text message could not be encoded, or what came is not one."""


class PortLost(ModemError):
    """The serial port went away or cannot be opened. `problem`: a code of core/problems."""

    def __init__(self, text: str, problem: str = "port_missing") -> None:
        super().__init__(text)
        self.problem = problem


class StoreError(RufweicheError):
    """The database cannot be written or read now: full, locked or damaged."""


class NotOverwritten(StoreError):
    """It is deleted, but what was deleted can still be read from the card: delete it once more."""


class SettingsChanged(StoreError):
    """The settings are other ones by now than those that were to be replaced; nothing was stored."""


class StoreDamaged(StoreError):
    """The database is no database any more, or its content does not hold together: only a backup helps."""
