"""GitHub through PyGithub; no other package calls its API. Shell."""

from gitbot.adapters.github.forge import GitHubForge
from gitbot.adapters.github.forges import GitHubForges

__all__ = ["GitHubForge", "GitHubForges"]
