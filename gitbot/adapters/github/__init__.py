"""GitHub over PyGithub: the one place that speaks to its API. Shell."""

from gitbot.adapters.github.forge import GitHubForge
from gitbot.adapters.github.forges import GitHubForges

__all__ = ["GitHubForge", "GitHubForges"]
