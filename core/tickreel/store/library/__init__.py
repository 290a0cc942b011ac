"""Reading what is held: ranges, books, tables and arrays."""
