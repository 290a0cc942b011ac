"""Orders of a run that is replayed: on the heat map, in the ladder, and to step through."""
