"""Reads git repositories: bare mirrors and local clones; never checks anything out. Shell.

Only this package starts ``git``. Anybody who can open a pull request can write what a mirror reads,
so every process gets a scrubbed environment, no hooks, no prompts and few protocols. In a person's
own clone git also reads that person's configuration.
"""
