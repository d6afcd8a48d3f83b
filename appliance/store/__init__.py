"""What is kept: one SQLite file in the state directory. `database` reads and writes it, `changes` are what can be
written, `writer` keeps what cannot be written yet, `migrations` bring an older file up to date."""
