"""SAM templates, translated in the loader's child under its limits."""

from __future__ import annotations

from gitbot.adapters.loader import ChildLoader
from gitbot.model.desired import LoadedTree
from gitbot.model.names import Address
from gitbot.model.tree import SpecTree, TreeEntry

FILES = {
    "specs/dev/environment.yaml": "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\n"
    "spec: {region: us-east-1, account: '123456789012'}\n",
    "specs/dev/app.yaml": "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: app}\n"
    "spec: {resources: {app: {module: templates/app.yaml}}, outputs: {arn: '${app.Arn}'}}\n",
}
TEMPLATE = """Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Timeout: 10}}
Parameters: {Name: {Type: String, Default: app}}
Resources:
  Data:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "${Name}-data", VersioningConfiguration: {Status: Enabled}}
"""
JOB = """  Job:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.12
      CodeUri: s3://bucket/key
      Policies: [{S3ReadPolicy: {BucketName: !Ref Data}}]
      Events:
        Timer: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}
        Http: {Type: HttpApi, Properties: {Path: /jobs, Method: post}}
"""
OUTPUTS = "Outputs: {Arn: {Value: !GetAtt Data.Arn}}\n"


def load(loader: ChildLoader, template: str) -> LoadedTree:
    files = {**FILES, "templates/app.yaml": template}
    entries = {
        path: TreeEntry(content=text.encode(), size_bytes=len(text)) for path, text in files.items()
    }
    return loader.load(SpecTree(id="0" * 40, entries=entries), reviewed=True)


def test_a_sam_template_is_translated_in_the_child() -> None:
    with ChildLoader(children=1) as loader:
        plain = load(loader, TEMPLATE + OUTPUTS)
        assert [one.detail for one in plain.diagnostics] == []
        (found,) = plain.stacks
        assert found.resources[Address("app.Data")].properties["BucketName"] == "app-data"

        whole = load(loader, TEMPLATE + JOB + OUTPUTS)
        assert [one.detail for one in whole.diagnostics] == []
        (found,) = whole.stacks
        made = {one.type for one in found.resources.values()}
        assert made >= {"AWS::Lambda::Function", "AWS::Events::Rule", "AWS::IAM::Role"}
        assert made >= {f"AWS::ApiGatewayV2::{kind}" for kind in ("Api", "Stage")}

        folder = load(loader, TEMPLATE + JOB.replace("s3://bucket/key", "src/") + OUTPUTS)
        (said_once,) = [one for one in folder.diagnostics if one.file == "templates/app.yaml"]
        assert (said_once.line, said_once.code) == (8, "bad-template")
        assert "sam package" in said_once.fix
        named = load(loader, TEMPLATE + JOB.replace("  Job:", "  My_Job:") + OUTPUTS)
        (said_once,) = [one for one in named.diagnostics if one.file == "templates/app.yaml"]
        assert "alphanumeric" in said_once.detail

        wrong = load(loader, TEMPLATE + JOB.replace("      Handler: a.b\n", "") + OUTPUTS)
        refused = [one for one in wrong.diagnostics if one.file == "templates/app.yaml"]
        assert [(one.line, one.code) for one in refused] == [(8, "bad-template")]
        assert "Handler" in refused[0].detail
