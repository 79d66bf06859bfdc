"""Loads specs that nobody has reviewed, in child processes that can be lost. Shell.

An expression of a few hundred characters can fill any memory, and no thread can stop it. So the
language runs in a child without credentials, under limits of its own, and the parent trusts only
the shape of its answers. ``child`` is one such process, ``pool`` keeps them apart by trust, ``kept``
and ``disk`` remember what files said, and ``loader`` puts them together.
"""

from gitbot.adapters.loader.disk import DiskCache
from gitbot.adapters.loader.loader import ChildLoader

__all__ = ["ChildLoader", "DiskCache"]
