"""The box: from bytes on a serial port to a call forwarded and a text sent. README.md draws the way."""

__version__ = "0.1.0"
