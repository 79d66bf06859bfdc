"""What is kept of loaded specs is thrown away when anything changes that loading depends on."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

from gitbot.bootstrap.revision import LIBRARIES, PARTS

REPORT = """
import sys
before = set(sys.modules)  # an interpreter may load some at its start, such as setuptools' hook
import gitbot.language.bind, gitbot.language.judge, gitbot.language.load
from gitbot.model.zones import preload_zones
preload_zones()
loaded = {name: module for name, module in sys.modules.items() if name not in before}
print(*(name for name, module in loaded.items() if getattr(module, "__file__", None)))
"""
# Classes and types, and what only they need: no result depends on them.
WITHOUT_EFFECT = {"attr", "attrs", "typing_extensions"}


def test_the_revision_covers_every_module_and_library_that_loading_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", REPORT], capture_output=True, text=True, check=True
    )
    modules = done.stdout.split()
    ours = [name.split(".")[1:] for name in modules if name.startswith("gitbot.")]
    packages = [part.split("/") for part in PARTS]
    uncovered = {
        ".".join(path)
        for path in ours
        if path != ["errors"] and not any(path[: len(one)] == one for one in packages)
    }
    assert uncovered <= {"decisions"}
    known = packages_distributions()
    libraries = {
        known[name][0].lower()
        for name in {module.split(".")[0] for module in modules} - WITHOUT_EFFECT
        if name in known and name != "gitbot"
    }
    assert libraries == {name.lower() for name in LIBRARIES}
