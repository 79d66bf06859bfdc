"""The expression library without its command line. Pure.

``import cel`` (common-expression-language 0.10) also imports ``cel.cli``, and with it typer, rich
and prompt_toolkit: that takes longer than everything else that loading a spec needs. An empty
module stands in for it meanwhile.
"""

from __future__ import annotations

import sys
from types import ModuleType

_STAND_IN = ModuleType("cel.cli")

if sys.modules.setdefault("cel.cli", _STAND_IN) is _STAND_IN:
    import cel

    del sys.modules["cel.cli"], cel.cli
else:
    import cel

__all__ = ["cel"]
