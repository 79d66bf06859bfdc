"""Loads specs in child processes, because nobody may have reviewed them. Shell.

An expression of a few hundred characters can fill the memory, and no thread can stop it. So the
language runs in a child process without credentials and under limits. The parent checks the shape
of every answer. ``child`` is one such process. ``pool`` separates the children for reviewed specs
from the others. ``kept`` and ``disk`` cache results. ``loader`` puts all of it together.
"""

from gitbot.adapters.loader.disk import DiskCache
from gitbot.adapters.loader.loader import ChildLoader

__all__ = ["ChildLoader", "DiskCache"]
