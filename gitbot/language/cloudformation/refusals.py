"""What templates use that gitbot does not do: one clear diagnostic for each use. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gitbot.language.nodes import Mark, Node
from gitbot.language.problems import Problems, listed, quoted, suggest

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
_SECTIONS: Final = (
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata",
    "Outputs", "Parameters", "Resources", "Rules", "Transform",
)  # fmt: skip
_LANGUAGE: Final = "AWS::LanguageExtensions"
_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::CloudFormation::Stack": (
        "nested stacks are stacks of CloudFormation's own",
        "Use the nested template as a module of its own, beside this one.",
    ),
    "AWS::CloudFormation::CustomResource": (
        "a custom resource runs a function, and gitbot runs none",
        "Make what it gives a parameter.",
    ),
    "AWS::CloudFormation::WaitCondition": (
        "signals are sent to CloudFormation",
        "Remove it, and what waits for it.",
    ),
    "AWS::CloudFormation::WaitConditionHandle": (
        "signals are sent to CloudFormation",
        "Remove it, and what waits for it.",
    ),
    "AWS::CloudFormation::Macro": ("gitbot runs no macros", "Remove it."),
    "AWS::CloudFormation::Interface": ("it belongs below Metadata", "Move it there."),
}
_POLICIES: Final[Mapping[str, str]] = {
    "CreationPolicy": "waits for signals that are sent to CloudFormation",
    "UpdatePolicy": "says how CloudFormation updates the object",
}
GROUP: Final = "AWS::AutoScaling::AutoScalingGroup"
UNSUPPORTED: Final[Mapping[str, tuple[str, str]]] = {
    "Fn::ImportValue": (
        "gitbot has no exports",
        "Make it a parameter of the template, and give an output of another stack where it is used.",
    ),
    "Fn::Transform": ("gitbot runs no macros", "Write out what the macro makes."),
    **dict.fromkeys(
        [
            "Fn::Contains",
            "Fn::EachMemberEquals",
            "Fn::EachMemberIn",
            "Fn::RefAll",
            "Fn::ValueOf",
            "Fn::ValueOfAll",
        ],
        ("only rules have it, which gitbot does not do", "Write a condition without it."),
    ),
}
_INIT: Final = ("AWS::CloudFormation::Init", "AWS::CloudFormation::Authentication")


def refuse_sections(node: Node, problems: Problems) -> None:
    """Add a problem for each section that gitbot does not know or does not do."""
    for name, section in node.items():
        if name not in _SECTIONS:
            problems.add(
                "bad-template",
                node.key_mark(name),
                f"A template has no section {quoted(name)}.",
                suggest(name, _SECTIONS, f"Its sections: {listed(_SECTIONS, 20)}."),
            )
        elif name == "Transform":
            _refuse_macros(section, problems)
        elif name == "Globals":
            _add(problems, node.key_mark(name), "Globals: only SAM has them", "Remove them.")
        elif name in ("Rules", "Hooks"):
            what = "rules check parameters" if name == "Rules" else "hooks deploy in turns"
            for each, _ in section.items():
                fix = "Write what must hold as AllowedValues or AllowedPattern of the parameters."
                _add(
                    problems,
                    section.key_mark(each),
                    f"{name}.{each}: {what}, which gitbot does not do",
                    fix if name == "Rules" else "Remove it.",
                )
    if "Resources" not in node.value:
        problems.add(
            "bad-template",
            node,
            "The template has no Resources.",
            "Add Resources, with a resource.",
        )


def is_loop(key: str) -> bool:
    """Whether the key of a section's entry is that of a loop."""
    return key.startswith("Fn::ForEach")


def refuses_loops(node: Node, problems: Problems) -> bool:
    """Whether a section has a loop. Each is a problem."""
    found = [
        (section, key)
        for name in ("Conditions", "Resources", "Outputs")
        if (section := node.get(name)) is not None
        for key, _ in section.items()
        if is_loop(key)
    ]
    for section, key in found:
        _add(problems, section.key_mark(key), f"{key}: loops are not run", "Write each entry out.")
    return bool(found)


def _refuse_macros(section: Node, problems: Problems) -> None:
    for one in section.value if section.is_list else [section]:
        macro = one.get("Name") if one.is_map else one
        name = macro.value if macro is not None else None
        if name == _LANGUAGE:
            continue
        why = (
            "it includes a file of a bucket, which no commit holds"
            if name == "AWS::Include"
            else "gitbot runs no macros"
        )
        _add(problems, one.mark, f"{name}: {why}", "Write out what it makes.")


def refuses(name: str, node: Node, type_: str, problems: Problems, home: Mark) -> bool:
    """Whether gitbot cannot do the resource at all. Every such thing about it is a problem."""
    if not node.is_map or not type_:
        problems.add(
            "bad-template", home, f"The resource {name} has no Type.", "Add Type, a name of AWS."
        )
        return True
    for field, what in _POLICIES.items():
        if node.get(field) is not None and (field, type_) != ("UpdatePolicy", GROUP):
            _add(problems, node.key_mark(field), f"{field} of {name} {what}", "Remove it.")
    metadata = node.get("Metadata")
    for key in _INIT:
        if metadata is not None and metadata.get(key) is not None:
            _add(
                problems,
                metadata.key_mark(key),
                f"{key} of {name} is read from CloudFormation by cfn-init",
                "Write the commands into UserData.",
            )
    why = _TYPES.get(type_)
    if type_.startswith("Custom::"):
        why = _TYPES["AWS::CloudFormation::CustomResource"]
    elif type_.endswith("::MODULE"):
        why = ("modules of the registry are expanded by CloudFormation", "Write out what it makes.")
    if why is not None:
        found = node.get("Type")
        _add(
            problems,
            home if found is None else found.mark,
            f"{name} is an {type_}: {why[0]}",
            why[1],
        )
    return why is not None


def _add(problems: Problems, at: Mark, what: str, fix: str) -> None:
    problems.add("template-unsupported", at, f"{what}.", fix)
