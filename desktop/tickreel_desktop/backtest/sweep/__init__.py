"""A sweep: its results as a map, as a list and on parallel axes, how far to trust them, and a finer grid."""
