"""Where rows come from beyond this machine: the vendor's files and lists, and tardis-machine."""
