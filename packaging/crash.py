"""Kills the store at many points of everything it does, and prints what was found as a table."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

_TESTS = Path(__file__).resolve().parents[1] / "tests"
OUTCOMES = ("before", "after", "refused", "survived", "broken")


def main() -> int:
    """Run every act and give 1 when something was lost or half-visible."""
    sys.path.insert(0, str(_TESTS))
    from faults.acts import ACTS
    from support.crashing import broken, crash

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="deaths of each act (default 200)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="moves the points of death")
    parser.add_argument("--act", choices=ACTS, action="append", help="only this act; may be repeated")
    args = parser.parse_args()
    print(f"seed {args.seed}: after each of {args.count} deaths the home is as it was before the act, or as")
    print("after it, or (where the catalog was lost or damaged) refused with the advice to rebuild.")
    print(f"\n{'act':32}{'operations':>11}{'deaths':>8}" + "".join(f"{name:>10}" for name in OUTCOMES))
    failures = []
    for act in args.act or ACTS:
        (found,) = crash([act], args.seed, args.count)
        counted = Counter(one["outcome"] for one in found["rounds"])
        deaths = len(found["rounds"]) - counted["survived"]
        cells = "".join(f"{counted[name]:>10}" for name in OUTCOMES)
        print(f"{act:32}{found['operations']:>11}{deaths:>8}{cells}", flush=True)
        if counted["broken"]:
            failures.append(f"{act}:\n{broken(found)}")
    print("\n" + ("\n\n".join(failures) or "nothing was lost, nothing was half-visible"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
