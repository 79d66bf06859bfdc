"""Reads git repositories: bare mirrors and local clones; never checks anything out. Shell.

Only this package starts ``git``. Anybody who can open a pull request can write what a mirror reads,
so every process gets a scrubbed environment, no hooks, no prompts and few protocols. GitPython
serves a person's own clone only: it passes on the whole environment and cannot end a group of
processes.
"""

from gitbot.adapters.git.local import LocalRepository, local_specs
from gitbot.adapters.git.mirror import GitMirror

__all__ = ["GitMirror", "LocalRepository", "local_specs"]
