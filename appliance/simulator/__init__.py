"""A simulated exchange: GSM modules, callers, targets, an SMS centre, and every fault a modem has shown.

It shares no parser with the product, so that one misreading cannot cancel out on both sides. `network.Exchange` is
the public network and holds the time; `module.GsmModule` is one modem on it, without I/O. `pty.RealTimeHost` puts
modules on pseudo-terminals in real or scaled time, `fast.FastWorld` runs them in memory on a virtual clock.
"""
