"""How fast, how small, how steady: `python -m tests.bench` measures the installed program from outside.

`module` is a GSM module that answers at once; `box` the real `rufweiche run` beside it, in its own process, joined by
a pseudo-terminal. Times are `time.monotonic_ns()` just before the module's write and just after its read, so that
what the kernel needs to carry bytes counts as the engine's; what the module itself needs for answers does not.
"""
