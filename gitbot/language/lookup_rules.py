"""Says which lookups the rules of an environment do not list, and how to mend what found nothing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gitbot.model.lookups import DesiredLookup, LookupRule, Unanswered, lists

NOT_LISTED = "lookup-not-listed"


def unlisted(
    lookup: DesiredLookup, rules: Collection[LookupRule], found: Iterable[str] = ()
) -> tuple[str, str] | None:
    """What of the lookup the rules do not list, and how to mend it; None when they list all.

    ``found`` are the identifiers of what it found. An identifier that is not known yet is looked at
    when it is.
    """
    identifier = lookup.identifier if isinstance(lookup.identifier, str) else None
    wanted = [(lookup.type, one, lookup.attributes) for one in (identifier, *found)]
    for name, (type_, attribute) in lookup.through.items():
        named = lookup.filter[name]
        wanted.append((type_, named if isinstance(named, str) else None, (attribute,)))
    for type_, one, attributes in wanted:
        if not lists(rules, type_, one, attributes):
            return _words(lookup, type_, one, attributes)
    return None


_UNANSWERED = {
    Unanswered.NOT_FOUND.value: (
        "lookup-not-found",
        "Correct what it asks, make the object first, or list it in spec.lookups of environment.yaml.",
    ),
    Unanswered.AMBIGUOUS.value: (
        "lookup-ambiguous",
        "Ask for something that only one has, or say with `pick` which is taken.",
    ),
    Unanswered.SECRET.value: (
        "lookup-secret",
        "Do not look it up: pass the secret where it is used.",
    ),
}


def code_and_fix(refusal: str) -> tuple[str, str]:
    """The code of the diagnostic, and how to mend it, when the cloud answered with this code."""
    return _UNANSWERED.get(
        refusal,
        (
            "lookup-failed",
            "Give the role `roles.plan` the right to read it, or correct what it asks.",
        ),
    )


def _words(
    lookup: DesiredLookup, type_: str, identifier: str | None, attributes: Collection[str]
) -> tuple[str, str]:
    which = f" {identifier}" if identifier else ""
    of = f"{', '.join(sorted(attributes))} of " if attributes else ""
    entry = (
        f'{{type: "{type_}", identifiers: ["{identifier or "*"}"], '
        f"attributes: [{', '.join(sorted(attributes)) or chr(34) + '*' + chr(34)}]}}"
    )
    return (
        f"{lookup.address} reads {of}{type_}{which}, which the environment does not list for lookups.",
        f"Add {entry} to spec.lookups of environment.yaml. It counts once it is on the tracked branch.",
    )
