"""Imports the expression library without its command line. Pure.

``import cel`` (common-expression-language 0.10) also imports ``cel.cli``, and with it typer, rich
and prompt_toolkit. That takes longer than everything else that loading a spec needs. So an empty
module takes the place of ``cel.cli`` during the import. The library logs what fails in a function of ours,
with the values that it got; these may be secrets, so its log is off.
"""

from __future__ import annotations

import logging
import sys
from types import ModuleType

_STAND_IN = ModuleType("cel.cli")

if sys.modules.setdefault("cel.cli", _STAND_IN) is _STAND_IN:
    import cel

    del sys.modules["cel.cli"], cel.cli
else:
    import cel

logging.getLogger("cel").disabled = True

__all__ = ["cel"]
