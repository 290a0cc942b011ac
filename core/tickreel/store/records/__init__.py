"""The catalog: what is held, and how it is used."""
