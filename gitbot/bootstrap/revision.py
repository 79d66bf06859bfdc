"""Computes the revision of the code that loads specs. Shell."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

from gitbot.providers.aws.catalog import open_catalog

_PACKAGE = Path(__file__).parents[1]
# ``permissions`` takes the verbs of the table of commands.
PARTS = ("language", "model", "providers", "decisions/commands")
LIBRARIES = ("cattrs", "common-expression-language", "PyYAML", "regex", "tzdata")


def loading_revision() -> str:
    """A hash of the code that loads specs, of the schema pack and of the libraries.

    Cached results of another revision are not used. It is a hash and not a version number, because
    somebody could forget to raise the number.
    """
    digest = hashlib.sha256(open_catalog().version.encode())
    for library in (*LIBRARIES, "gitbot"):
        digest.update(f"\0{library} {version(library)}".encode())
    for part in PARTS:
        for source in sorted((_PACKAGE / part).rglob("*.py")):
            digest.update(f"\0{source.relative_to(_PACKAGE)}\0".encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()
