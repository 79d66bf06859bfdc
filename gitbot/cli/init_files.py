"""The files that ``gitbot init`` writes, as texts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SCHEMA_FOLDER = ".gitbot"
PACKAGE_VARIABLE = "GITBOT_PACKAGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person says of the repository. ``owner`` is a GitHub user or team, or empty.

    ``package`` is what ``pip install`` takes to install gitbot, or empty.
    """

    project: str
    region: str
    environments: Sequence[str]
    owner: str
    package: str


def environment_file(answers: Answers, name: str) -> str:
    """The text of ``specs/<name>/environment.yaml``; each environment is promoted from the last."""
    at = answers.environments.index(name)
    before = answers.environments[at - 1] if at else None
    promoted = f"  promotesFrom: {{environment: {before}, how: pr}}\n" if before else ""
    return f"""# Where the stacks of {name} live, and the rules for changing them.
# gitbot reads this file from the tracked branch, never from a pull request.
apiVersion: gitbot/v1
kind: Environment
metadata:
  name: {name}
spec:
  region: {answers.region}
  # account: "100000000001"      # twelve digits, quoted: gitbot then refuses to work anywhere else
  # roles:                       # `gitbot permissions {name}` prints the policies of both
  #   plan: arn:aws:iam::100000000001:role/gitbot-plan
  #   apply: arn:aws:iam::100000000001:role/gitbot-apply
  variables:                     # env.<name> in every stack of this environment
    project: {answers.project}
  tags:                          # on every resource that takes tags
    env: {name}
{promoted}"""


def example_file() -> str:
    """The text of an example: a private bucket whose old versions get cheaper."""
    return """# An example: one private, versioned bucket. Change it, or delete this file.
# `gitbot explain AWS::S3::Bucket` lists what else a bucket may say.
apiVersion: gitbot/v1
kind: Stack
metadata:
  name: artifacts
  labels: {cost: ml-artifacts}
spec:
  resources:
    bucket:
      type: AWS::S3::Bucket
      properties:
        BucketName: ${env.project}-${env.name}-artifacts
        VersioningConfiguration: {Status: Enabled}
        PublicAccessBlockConfiguration:
          BlockPublicAcls: true
          BlockPublicPolicy: true
          IgnorePublicAcls: true
          RestrictPublicBuckets: true
  outputs:
    bucket: ${bucket.BucketName}
"""


def owners_file(answers: Answers) -> str:
    """The text of ``.github/CODEOWNERS``; without an owner the lines are comments."""
    mark, owner = ("", answers.owner) if answers.owner else ("# ", "@your-org/your-team")
    paths = ("/specs/", "/modules/", "/calendars/", "/.github/")
    lines = "".join(f"{mark}{path:<12} {owner}\n" for path in paths)
    return f"""# Who must approve a change of the cloud. Turn on "Require review from Code Owners" for the
# tracked branch: the rules in environment.yaml are only as safe as the reviews of their changes.
{lines}"""


EDITOR_CONFIG = """root = true

[*]
charset = utf-8
end_of_line = lf
insert_final_newline = true
trim_trailing_whitespace = true

[*.{yaml,yml}]
indent_style = space
indent_size = 2
"""


def editor_settings(schema_file: str) -> str:
    """The text of ``.vscode/settings.json``, which ties the schema to the specs."""
    files = ["specs/**/*.yaml", "modules/**/module.yaml", "modules/**/*.test.yaml"]
    settings: Mapping[str, object] = {"yaml.schemas": {f"./{schema_file}": files}}
    return json.dumps(settings, indent=2) + "\n"


HOOK = """# `pre-commit install` (https://pre-commit.com) lets these run before each commit.
repos:
  - repo: local
    hooks:
      - id: gitbot-validate
        name: check the specs
        entry: gitbot validate
        language: system
        pass_filenames: false
        files: ^(specs|modules|calendars)/
      - id: gitbot-fmt
        name: give the specs their format
        entry: gitbot fmt
        language: system
        pass_filenames: false
        files: ^(specs|modules)/
"""


def workflow_file(answers: Answers) -> str:
    """The text of the workflow that checks the specs of every pull request."""
    given = answers.package or f"${{{{ vars.{PACKAGE_VARIABLE} }}}}"
    why = (
        ""
        if answers.package
        else f"""          # Set the repository variable {PACKAGE_VARIABLE} to what pip installs gitbot from.
"""
    )
    return f"""# Checks the specs offline: no cloud, no credentials. The plans come from gitbot itself.
name: specs
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  validate:
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Install gitbot
        env:
{why}          {PACKAGE_VARIABLE}: {json.dumps(given)}
        run: pip install "${{{PACKAGE_VARIABLE}:?set the repository variable {PACKAGE_VARIABLE}}}"
      - run: gitbot validate
"""
