"""The repositories that this server serves, by name and by id. Shell."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gitbot.adapters.git.mirror import GitMirror
from gitbot.adapters.github.forge import GitHubForge
from gitbot.adapters.github.place import Place
from gitbot.adapters.github.session import Credentials, SignIn
from gitbot.adapters.github.skew import GITHUB_TIME
from gitbot.errors import TransientError, UserError

PATIENCE_S = 15.0

_FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


class GitHubForges:
    """Fits ``ports.Forges``: opens the named repositories and no others.

    ``branch`` is the tracked branch, None: each repository's default one. Mirrors live in
    ``data``/mirrors. ``patience_s`` is how long one call waits for GitHub in all; then it raises
    TransientError and the queue runs its job later.

    Raises:
        UserError: a name is not ``owner/name``, or nothing to sign in with was given.
    """

    def __init__(
        self,
        *,
        url: str,
        repositories: Sequence[str],
        data: Path,
        token: str = "",
        app_id: str = "",
        app_key: str = "",
        branch: str | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        for name in repositories:
            if not _FULL_NAME.fullmatch(name) or name.endswith((".", ".git")):
                raise UserError(f"{name!r} is not the name of a repository: write owner/name")
        credentials = Credentials(url=url, token=token, app_id=app_id, app_key=app_key)
        self._sign_in = SignIn(credentials, patience_s=patience_s)
        self._names = tuple(repositories)
        self._branch = branch or None
        self._mirrors_folder = data / "mirrors"
        self._lock = threading.RLock()
        self._places: dict[str, Place] = {}
        self._forges: dict[str, GitHubForge] = {}
        self._mirrors: dict[str, GitMirror] = {}

    @property
    def login(self) -> str:
        """The name that gitbot writes under."""
        return self._sign_in.login

    def now(self) -> datetime:
        """The time that GitHub's clock shows now."""
        return GITHUB_TIME.now()

    @property
    def clock_ahead_s(self) -> float | None:
        """Seconds by which this machine's clock is ahead of GitHub's; None: not known yet."""
        return GITHUB_TIME.ahead_s

    def missing_rights(self) -> Mapping[str, Sequence[str]]:
        """The rights to write that gitbot lacks, by repository; nothing of those that lack none."""
        with self._lock:
            places = tuple(self._places.values())
        found = {place.full_name: sorted(place.missing_rights()) for place in places}
        return {name: rights for name, rights in found.items() if rights}

    def open(self, repository: str) -> GitHubForge:
        """The repository's forge, by id or full name.

        Raises:
            TransientError: GitHub does not answer.
            UserError: it is not one of those served, or gitbot has no access to it.
        """
        with self._lock:
            place = self._place(repository)
            key = str(place.id)
            if key not in self._forges:
                self._forges[key] = GitHubForge(place, self._branch)
            return self._forges[key]

    def mirror(self, repository: str) -> GitMirror:
        """The repository's bare mirror, one per process. Raises as ``open``."""
        with self._lock:
            place = self._place(repository)
            key = str(place.id)
            if key not in self._mirrors:
                known = self.open(key).repository()
                self._mirrors[key] = GitMirror(
                    self._mirrors_folder / f"{key}.git",
                    known.clone_url,
                    place.token,
                    self._branch or known.tracked_branch,
                    token_is_new=place.token_is_new,
                )
            return self._mirrors[key]

    def _place(self, repository: str) -> Place:
        if "/" in repository:
            wanted = next((n for n in self._names if n.lower() == repository.lower()), None)
            if wanted is not None:
                return self._named(wanted)
        else:
            for place in self._places.values():
                if str(place.id) == repository:
                    return place
            return self._find(repository)
        raise _not_served(repository)

    def _find(self, id_: str) -> Place:
        """The place of the served repository with this id."""
        unanswered: TransientError | None = None
        for name in self._names:
            # A repository that cannot be reached must not block the others.
            try:
                if str(self._named(name).id) == id_:
                    return self._named(name)
            except TransientError as error:
                unanswered = error
            except UserError:
                continue
        if unanswered is not None:
            raise unanswered
        raise _not_served(id_)

    def _named(self, name: str) -> Place:
        """The place of a served repository. Its id never changes, so GitHub is asked for it once."""
        place = self._places.get(name)
        if place is None:
            session, calls = self._sign_in.session(name)
            found = calls(f"read {name}", lambda: session.client().get_repo(name).id)
            place = self._places[name] = Place(self._sign_in, name, found)
        return place


def _not_served(repository: str) -> UserError:
    return UserError(
        f"gitbot does not serve the repository {repository}: add its owner/name to "
        "GITBOT_REPOSITORIES"
    )
