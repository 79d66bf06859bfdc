"""Says which module a reference names, and why it names none. Pure."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from gitbot.language.files import MODULE_FILE, MODULES
from gitbot.language.library import Library
from gitbot.language.pins import NOT_LOOKED_FOR
from gitbot.language.problems import listed, quoted, suggest
from gitbot.language.versions import (
    TAG_PATTERN,
    UNPINNED,
    is_commit,
    is_in_repository,
    version_of,
)
from gitbot.model.desired import ModuleUse
from gitbot.model.tree import Version

Obstacle: TypeAlias = tuple[str, str, str]
"""Code, detail and fix."""

_NOWHERE: Final = Version()


def obstacle(key: str, reference: str, library: Library) -> Obstacle | None:
    """Why there is no module of this key (``versions.key_of``); None when there is one."""
    version = version_of(key)
    if key == f"{reference}@{UNPINNED}":
        return _unpinned(reference)
    if "@" in reference and not (is_in_repository(reference) and version):
        return (
            "unknown-module",
            f"{quoted(reference)} names a tag, and only modules of this repository have any.",
            "Remove the @ and what follows it.",
        )
    if "@" in reference and (found := _no_tag(version, library)) is not None:
        return found
    known = library.names(version)
    return None if key.partition("@")[0] in known else _unknown(reference, version, known)


def use_of(key: str, library: Library) -> ModuleUse:
    """What is recorded of the use of a module that is there."""
    version = version_of(key)
    return ModuleUse(
        name=key.partition("@")[0],
        tag="" if is_commit(version) else version,
        commit=library.versions.get(version, _NOWHERE).commit or "",
    )


def _unpinned(reference: str) -> Obstacle:
    return (
        "module-not-pinned",
        f"{reference} is a module of this repository. An environment that is promoted from another "
        "one takes such modules from a commit that it names, so that a change of a module does not "
        "reach all environments at one merge; this environment names none.",
        'Add `modules: "<commit>"` to spec of its environment.yaml, with all 40 digits of a commit '
        "of the tracked branch in quotes: "
        f"`git log -1 --format=%H -- {MODULES} templates calendars` prints the newest.",
    )


def _no_tag(tag: str, library: Library) -> Obstacle | None:
    if (wrong := _no_form_of_a_tag(tag)) is not None:
        return wrong
    version = library.versions.get(tag)
    if version is None:
        return (
            "unknown-tag",
            f"Nobody looked for the tag {quoted(tag)}: {NOT_LOOKED_FOR}.",
            f"Write {MODULES}/<name>@<tag> plainly, a tag of letters, digits and . _ + - /.",
        )
    if version.unborn:
        return (
            "unknown-tag",
            f"This repository has no commit yet, so it has no tag {quoted(tag)}.",
            "Commit the module and tag that commit; or write the module without the tag.",
        )
    if version.commit is None:
        return (
            "unknown-tag",
            f"This repository has no tag {quoted(tag)}.",
            "Name a tag that it has (`git tag --list`), or push this one. In a clone, fetch it first.",
        )
    if not version.contained:
        return (
            "unknown-tag",
            f"The tag {quoted(tag)} is at the commit {version.commit[:12]}, which the tracked branch "
            "does not contain: nobody has merged it.",
            "Tag a commit of the tracked branch.",
        )
    return None


def _no_form_of_a_tag(tag: str) -> Obstacle | None:
    if is_commit(tag):
        return (
            "unknown-tag",
            f"{quoted(tag)} is the form of a commit; a module is taken at a tag.",
            f"Tag the commit, or name it as `{MODULES}:` of environment.yaml.",
        )
    if not re.fullmatch(TAG_PATTERN, tag):
        return (
            "unknown-tag",
            f"{quoted(tag)} is no tag that specs can name: such a tag has at most 100 characters, letters, digits and "
            ". _ + - /, and begins with a letter or a digit.",
            "Name a tag of this form, or make one at the same commit.",
        )
    return None


def _unknown(reference: str, version: str, known: list[str]) -> Obstacle:
    names = f" There are {listed(known)}." if known else ""
    where = "this commit"
    if version:
        where = (
            f"the commit {version[:12]} of `modules:`" if is_commit(version) else f"tag {version}"
        )
    return (
        "unknown-module",
        f"There is no module {quoted(reference)} at {where}.",
        suggest(
            reference,
            known,
            f"Write {MODULES}/<name>, whose file is {MODULES}/<name>/{MODULE_FILE}, or one that comes "
            f"with gitbot.{names}",
        ),
    )
