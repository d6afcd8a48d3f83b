"""A simulated exchange: modems, callers, targets, an SMS centre, sound, and every fault a modem has shown.

It shares no parser and no codec with the product, so that one misreading cannot cancel out on both sides.
`network.Exchange` is the public network and holds the time; `module.GsmModule` is one GSM module on it, without I/O,
`moduleaudio` its sound port; `subscriberline.SubscriberLine` is an analog line with its port (`lineport`, `sites`), on
which `analog.AnalogModem` and phones hang. `pty.RealTimeHost` puts devices on pseudo-terminals in real or scaled time,
`fast.FastWorld` runs them in memory on a virtual clock.

Sound is a function of time (`sounds`), asked for by each modem's own clock; phones speak, press keys, hear (`ears`) and
know each other's voices (`voices`). What happened is in the exchange's `journal`.
"""
