"""Git: bare mirrors, local clones and work trees, read as blobs and never checked out. Shell.

This package is the one place that starts ``git``. What the mirror reads may have been written by
anybody who can open a pull request, so every process gets a scrubbed environment, no hooks, no
prompts and few protocols.
"""

from gitbot.adapters.git.folder import local_specs
from gitbot.adapters.git.local import LocalRepository
from gitbot.adapters.git.mirror import GitMirror

__all__ = ["GitMirror", "LocalRepository", "local_specs"]
