"""The command line: one module for each command, over what the core does."""
