"""Every diagnostic code with its fixed summary. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SUMMARIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        # files
        "file-too-large": "A spec file is too large",
        "too-many-files": "There are too many spec files",
        "not-a-file": "A spec path is not a plain file",
        "not-utf8": "A spec file is not UTF-8 text",
        "misplaced-file": "A file is in the wrong place in the specs folder",
        "bad-path": "A spec path is not allowed",
        "more-problems": "The file has more problems than are shown",
        "loader-limit": "Loading the specs used too much time or memory",
        "loader-failed": "gitbot failed while loading the specs",
        "loader-skipped": "A file was not loaded, because others used up the time",
        # YAML
        "yaml-syntax": "The file is not valid YAML",
        "yaml-tab": "A tab is used for indentation",
        "yaml-alias": "YAML anchors and aliases are not allowed",
        "yaml-tag": "YAML tags are not allowed",
        "yaml-duplicate-key": "A key is given twice",
        "yaml-merge-key": "YAML merge keys are not allowed",
        "yaml-key": "A map key is not a string",
        "yaml-depth": "The file is nested too deeply",
        "yaml-number": "A number cannot be represented",
        "yaml-leading-zero": "A number begins with zero",
        "empty-file": "A spec file holds no document",
        # documents
        "unknown-kind": "The document's kind is not known",
        "bad-api-version": "The document's apiVersion is not known",
        "unknown-field": "A field is not known",
        "missing-field": "A required field is missing",
        "wrong-type": "A field has the wrong type",
        "bad-value": "A field's value is not allowed",
        "bad-name": "A name is not allowed",
        "not-yet": "This comes with a later version",
        "reserved-key": "A key is reserved for gitbot",
        "no-expression-here": "An expression is used where none is evaluated",
        "freeze-window": "A freeze window contradicts itself",
        # across files
        "missing-environment": "An environment has no environment.yaml",
        "misplaced-environment": "An Environment is in the wrong file",
        "environment-name": "An Environment's name differs from its folder",
        "duplicate-environment": "An environment is declared twice",
        "duplicate-stack": "Two stacks of an environment have one name",
        # variables
        "bad-default": "A variable's default does not fit its declaration",
        "missing-variable": "A variable has no value",
        "unknown-variable": "A value is given for an undeclared variable",
        "variable-value": "A variable's value does not fit its declaration",
        # expressions
        "bad-expression": "An expression cannot be read",
        "expression-failed": "An expression cannot be evaluated",
        "expression-in-key": "A map key holds an expression",
        "unknown-name": "An expression uses an unknown name",
        "unknown-attribute": "An expression uses an attribute that its resource does not have",
        "bare-resource": "An expression uses a resource without an attribute",
        "has-on-resource": "has() is used on a resource",
        "sensitive-output": "An output shows a sensitive value",
        "sensitive-identifier": "A sensitive value would become part of an identifier",
        "values-too-large": "The values are too large after evaluation",
        "too-many-secrets": "There are too many sensitive values",
        "bad-secret": "A call of secret() names no secret",
        "secret-not-listed": "The environment does not list a secret that a spec names",
        "secret-unreadable": "A secret cannot be had",
        # resources
        "unknown-type": "A resource type is not known",
        "type-not-served": "A resource type is not managed by this version",
        "unknown-property": "A property is not known to its resource type",
        "missing-property": "A required property is missing",
        "property-type": "A property has the wrong type",
        "property-value": "A property's value is not allowed",
        "read-only-property": "A read-only property is set",
        "property-not-handled": "A property is not managed by this version",
        "unknown-dependency": "lifecycle.dependsOn names an unknown resource",
        "unknown-copies": "What a resource is copied for is known only after an apply",
        # other stacks
        "bad-stack-output": "An output of another stack is not named as one",
        "unknown-stack": "An output of an unknown stack is used",
        "unknown-output": "A stack does not have an output that is used",
        "secret-output": "A sensitive output of another stack cannot be read",
        "global-name": "Two regions give one name that is there only once",
        "stack-circle": "Stacks use each other's outputs in a circle",
        # lookups
        "unknown-lookup": "A type is one that cannot be looked up",
        "bad-lookup": "A lookup does not say which object it means",
        "bare-lookup": "An expression uses a lookup without an attribute",
        "lookup-not-listed": "A lookup reads what its environment does not list",
        "lookup-not-found": "A lookup finds nothing",
        "lookup-ambiguous": "A lookup finds more than it may take",
        "lookup-secret": "A lookup finds something secret",
        "lookup-failed": "A lookup was refused",
        # modules
        "unknown-module": "A module is not known",
        "bad-template": "A CloudFormation template has a wrong form",
        "dynamic-reference": "A dynamic reference of CloudFormation stands in a spec",
        "template-unsupported": "A template uses something that gitbot does not do",
        "module-broken": "A module that is used has problems",
        "module-not-pinned": "An environment names no commit for its modules",
        "unknown-commit": "An environment names a commit that cannot be used",
        "unknown-tag": "A module is taken at a tag that cannot be used",
        "module-circle": "A module contains itself, or modules are nested too deeply",
        "cycle": "Resources depend on each other in a circle",
        "bad-tags": "A resource's tags cannot be merged with labels",
        "reserved-tag": "A tag or label uses a reserved prefix",
        "one-rule-twice": "Two elements of a list are one to the cloud",
        "tag-refused": "A tag is one that the cloud refuses",
        "list-and-element": "A list is declared as a whole and one of its elements on its own",
        "duplicate-move": "Two things were moved from one name",
        # time
        "bad-expiry": "What is said about the expiry does not fit together",
        # machines
        "bad-hours": "What is said about off-hours does not fit together",
        "bad-calendar": "A line of a calendar is not a date",
        "unknown-calendar": "Off-hours skip the days of an unknown calendar",
        "instance-store": "Off-hours would wipe the disks of a machine",
    }
)
