"""Run a Python module as a process that ends when the process that started it ends. Shell.

    python -m gitbot_sandbox.tied MODULE [ARGUMENTS]

A sandbox that is killed cannot end its server. On Linux the kernel does it: see PR_SET_PDEATHSIG in
https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html. Elsewhere this changes nothing.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent and become the module."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we were tied
            sys.exit(1)
    os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])


if __name__ == "__main__":
    main()
