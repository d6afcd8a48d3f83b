"""Sound: DLE shielding, tones, the bridge, recordings. It runs in a process of its own and is started when needed."""
