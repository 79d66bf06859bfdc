"""Cases of the types of Secrets Manager."""

from __future__ import annotations

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case

_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890a"

CASES = (
    Case(
        type="AWS::SecretsManager::Secret",
        creating="CreateSecret",
        absent="arn:aws:secretsmanager:us-east-1:123456789012:secret:gone-AbCdEf",
        minimal=lambda world: {},
        full=lambda world: {
            "Name": "ml/registry",
            "Description": "the registry of models",
            "KmsKeyId": f"{_KEY}b",
            "SecretString": "first",
            "ReplicaRegions": [{"Region": "eu-west-1"}],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "Description": "the registry of all models",
            "KmsKeyId": f"{_KEY}c",
            "SecretString": "second",
            "ReplicaRegions": [{"Region": "eu-west-2", "KmsKeyId": "alias/models"}],
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Id", "Name"}),
        samples={
            "KmsKeyId": [f"{_KEY}b", f"{_KEY}c"],
            "ReplicaRegions/*/Region": ["eu-west-1", "eu-west-2"],
            "GenerateSecretString/SecretStringTemplate": ['{"user": "ml"}', '{"user": "ops"}'],
        },
        stack="""\
registry:
  type: AWS::SecretsManager::Secret
  properties:
    Name: every-type
    GenerateSecretString: {SecretStringTemplate: '{"user": "ml"}', GenerateStringKey: password}
""",
    ),
)
