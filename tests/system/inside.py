# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is tried in the container: the packages as they are installed, upgraded and removed, with the
real bus, the real systemd and the real unit. The cases run in the order in which they stand here.
"""

import sys
import time
import traceback

# isort: off
from container import UNIT, cases, run
import installation  # noqa: F401
import matrix  # noqa: F401
import sandbox  # noqa: F401
import accidents  # noqa: F401
import other_bus  # noqa: F401
import fleet  # noqa: F401
import desktop  # noqa: F401
import upgrade  # noqa: F401
import fleet_page  # noqa: F401
import handbook  # noqa: F401
import removal  # noqa: F401


def main():
    failed = 0
    for function in cases:
        name = function.__name__.replace("_", " ")
        start = time.monotonic()
        try:
            function()
            print(f"ok      {name} ({time.monotonic() - start:.1f} s)")
        except Exception:
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc(file=sys.stdout)
    if failed:
        print(run("journalctl", "--no-pager", "-u", UNIT, "-n", "100", check=False).stdout)
    print(f"{len(cases) - failed} passed, {failed} failed")


if __name__ == "__main__":
    main()
