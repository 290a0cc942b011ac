"""The program ``tickreel-desktop`` of the bundle."""

import sys
from multiprocessing import freeze_support

from tickreel.program import restore_environment
from tickreel_desktop.__main__ import main

if __name__ == "__main__":
    freeze_support()  # ends here in a worker of a pool
    restore_environment()
    sys.exit(main())
