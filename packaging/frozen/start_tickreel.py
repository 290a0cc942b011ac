"""The program ``tickreel`` of the bundle: the command line, and every child process of Tickreel."""

import sys
from multiprocessing import freeze_support

from tickreel.cli.main import main
from tickreel.program import restore_environment, run_bundled

if __name__ == "__main__":
    freeze_support()  # ends here in a worker of a pool
    restore_environment()
    sys.exit(run_bundled(main))
