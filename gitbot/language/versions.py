"""Finds the commits and tags that specs take modules and calendars from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from gitbot.language.files import (
    ENVIRONMENT_FILE,
    LARGEST_FILE_BYTES,
    MODULE_FILE,
    MODULES,
    TEMPLATES,
    SpecFile,
    is_module_path,
)
from gitbot.language.pins import PIN_PATTERN
from gitbot.model.tree import EntryKind, TreeEntry, Version

TAG_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._+/-]{0,99}"

UNPINNED: Final = "?"
"""In place of a version: the environment must name one, and does not."""

# A text that only looks like one costs a look into the repository and means nothing.
_PIN: Final = re.compile(rb"""modules["']?[ \t]*:[ \t]*["']?([0-9a-f]{40})\b""")
_TAG: Final = re.compile(
    rb"(?:modules|templates)/[A-Za-z0-9._/-]{1,200}@(" + TAG_PATTERN.encode() + rb")"
)


def named_commits(entries: Mapping[str, TreeEntry]) -> Iterator[str]:
    """The commits that files of environments may name, each once, sorted by path."""
    homes = (one for path, one in sorted(entries.items()) if path.endswith(f"/{ENVIRONMENT_FILE}"))
    yield from dict.fromkeys(text for one in homes for text in _found(_PIN, one))


def named_tags(entries: Mapping[str, TreeEntry]) -> Iterator[str]:
    """The tags that specs and modules may name, each once, sorted by path."""
    files = (one for path, one in sorted(entries.items()) if path.endswith((".yaml", ".yml")))
    yield from dict.fromkeys(text for one in files for text in _found(_TAG, one))


def _found(pattern: re.Pattern[bytes], entry: TreeEntry) -> Iterator[str]:
    if entry.kind is EntryKind.FILE and entry.content is not None:
        yield from (one.decode("ascii") for one in pattern.findall(entry.content))


def is_commit(version: str) -> bool:
    """Whether the name of a version is a whole commit, and no tag."""
    return re.fullmatch(PIN_PATTERN, version) is not None


def is_in_repository(reference: str) -> bool:
    """Whether the reference names a module or template of this repository."""
    return reference.startswith((f"{MODULES}/", f"{TEMPLATES}/"))


def is_repository_module(reference: str) -> bool:
    """Whether the reference names a module or template of this repository at no tag."""
    return is_in_repository(reference) and "@" not in reference


def version_of(key: str) -> str:
    """The commit or tag in the key of a module; empty for one at the specs' own commit."""
    return key.partition("@")[2]


def key_of(reference: str, version: str) -> str:
    """What names the module in a library, for whoever uses it from that version."""
    return f"{reference}@{version}" if version and is_repository_module(reference) else reference


def module_path(key: str) -> str:
    """The path of the file that ``modules/<name>`` or ``modules/<name>@<version>`` names.

    A template of CloudFormation, ``templates/<file>``, is named by its path.
    """
    return key if is_template(key) else f"{key}/{MODULE_FILE}"


def is_template(path: str) -> bool:
    """Whether the path is that of a template of CloudFormation."""
    return path.startswith(f"{TEMPLATES}/")


def module_files(versions: Mapping[str, Version]) -> Iterator[SpecFile]:
    """The modules of other versions, ``modules/<name>@<version>/module.yaml``, sorted.

    Templates too: ``templates/<file>@<version>``.
    """
    for name, version in sorted(versions.items()):
        for path, entry in sorted(version.entries.items() if version.usable else ()):
            text = _text(entry) if is_module_path(path, entry) and "@" not in path else None
            if text is not None:
                folder, _, file = path.rpartition("/")
                template = is_template(path)
                named = f"{path}@{name}" if template else f"{folder}@{name}/{file}"
                yield SpecFile(path=named, environment="", text=text)


def _text(entry: TreeEntry) -> str | None:
    if entry.kind is not EntryKind.FILE or entry.content is None:
        return None
    if len(entry.content) > LARGEST_FILE_BYTES:
        return None
    try:
        return entry.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
