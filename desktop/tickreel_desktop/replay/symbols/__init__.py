"""The symbols that a replay plays together: which are in view, how they compare, how late they are."""
