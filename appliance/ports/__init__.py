"""The outside: serial ports, the clock, the wait for whichever has something to say."""
