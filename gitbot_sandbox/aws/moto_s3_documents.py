"""Give a bucket's configurations and grants back as they were put. Shell.

moto reads parts of them only: it drops what it does not know. S3 answers with the document that it
was given, so keeping the request's body is nearer to it than any list of fields.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.s3.exceptions import BucketAccessDeniedError, MalformedXML, S3ClientError
from moto.s3.models import FakeAcl, FakeBucket, FakeGrant, S3Backend
from moto.s3.responses import S3Response

from gitbot_sandbox.aws.calls import CALL
from gitbot_sandbox.aws.moto_patch import wrap

_BY_ID = {"intelligent-tiering": b"<Tiering>", "inventory": b"<S3BucketDestination>"}
"""Configurations that have an identifier each, and what each must hold."""
KEPT = ("encryption", "notification", "replication", "logging", "website", *_BY_ID)


def patch() -> None:
    """Make the patches of this module."""
    wrap(FakeBucket, "__init__", _no_documents)
    wrap(S3Response, "_acl_to_dict", _every_grant)
    wrap(S3Backend, "put_bucket_acl", _acl_refused)
    wrap(S3Response, "_bucket_response_put", _keep)
    wrap(S3Response, "_bucket_response_put", _private_at_creation)
    wrap(S3Response, "_bucket_response_get", _give_back)
    wrap(S3Response, "_bucket_response_delete", _drop)


def _every_grant(original: Any) -> Any:
    """Defect: of a grant of several permissions only the first is shown."""

    @wraps(original)
    def _acl_to_dict(acl: Any) -> Any:
        grants = [
            FakeGrant([grantee], [permission])
            for grant in acl.grants
            for grantee in grant.grantees
            for permission in grant.permissions
        ]
        return original(FakeAcl(grants=grants))

    return staticmethod(_acl_to_dict)


def _acl_refused(original: Any) -> Any:
    """Defects: an ACL is taken although the owner owns all objects, or public ACLs are blocked.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """

    @wraps(original)
    def put_bucket_acl(self: Any, bucket_name: str, acl: Any) -> None:
        bucket = self.get_bucket(bucket_name)
        if bucket.ownership_rule == "BucketOwnerEnforced":
            raise S3ClientError("AccessControlListNotSupported", "The bucket does not allow ACLs")
        block = bucket.public_access_block
        uris = [grantee.uri for grant in acl.grants for grantee in grant.grantees]
        if block is not None and block.block_public_acls and any("/global/" in one for one in uris):
            raise BucketAccessDeniedError(bucket_name)
        original(self, bucket_name, acl)

    return put_bucket_acl


def _private_at_creation(original: Any) -> Any:
    """Defect: the ACL of a creating call is set as by a call of its own, which S3 refuses afterwards.

    ``private`` gives nobody any right, so S3 takes it of a bucket whose owner owns all objects.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """

    @wraps(original)
    def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        creates = request.environ.get(CALL) == ("s3", "CreateBucket")
        if creates and request.headers.get("x-amz-acl") == "private":
            del request.environ["HTTP_X_AMZ_ACL"]
        return original(self, request, bucket_name, querystring)

    return _bucket_response_put


def _no_documents(original: Any) -> Any:
    @wraps(original)
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        original(self, *args, **named)
        self.documents = {}

    return __init__


def _keep(original: Any) -> Any:
    """Defects: fields of configurations are dropped; there is no intelligent tiering, and inventories
    cannot be deleted."""

    @wraps(original)
    def _bucket_response_put(self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        name = _name(querystring)
        if name is None:
            return original(self, request, bucket_name, querystring)
        if name in _BY_ID:
            bucket = self.backend.get_bucket(bucket_name)
            if _BY_ID[name] not in self.body:
                raise MalformedXML()
            answer: Any = ""
        else:
            answer = original(self, request, bucket_name, querystring)
            bucket = self.backend.get_bucket(bucket_name)
        bucket.documents[_key(name, querystring)] = bytes(self.body)
        return answer

    return _bucket_response_put


def _give_back(original: Any) -> Any:
    @wraps(original)
    def _bucket_response_get(self: Any, bucket_name: str, querystring: Any) -> Any:
        name = _name(querystring)
        if name is None:
            return original(self, bucket_name, querystring)
        documents = self.backend.get_bucket(bucket_name).documents
        if name in _BY_ID:
            return _listed([documents[key] for key in sorted(documents) if key.startswith(name)])
        answer = original(self, bucket_name, querystring)  # refuses what is not there
        document = documents.get(name)
        return answer if document is None else (200, {}, _with_defaults(name, document))

    return _bucket_response_get


def _drop(original: Any) -> Any:
    @wraps(original)
    def _bucket_response_delete(self: Any, bucket_name: str, querystring: Any) -> Any:
        name = _name(querystring)
        if name is None:
            return original(self, bucket_name, querystring)
        documents = self.backend.get_bucket(bucket_name).documents
        key = _key(name, querystring)
        if name in _BY_ID:
            if key not in documents:
                raise S3ClientError("NoSuchConfiguration", "The configuration does not exist")
            del documents[key]
            return 204, {}, ""
        answer = original(self, bucket_name, querystring)
        documents.pop(key, None)
        return answer

    return _bucket_response_delete


def _name(querystring: Mapping[str, Any]) -> str | None:
    return next((name for name in KEPT if name in querystring), None)


def _key(name: str, querystring: Mapping[str, Any]) -> str:
    return f"{name}/{querystring['id'][0]}" if name in _BY_ID else name


def _with_defaults(name: str, document: bytes) -> bytes:
    """The document with what S3 adds itself."""
    if name == "encryption" and b"<BucketKeyEnabled>" not in document:
        return document.replace(b"</Rule>", b"<BucketKeyEnabled>false</BucketKeyEnabled></Rule>")
    return document


def _listed(documents: list[bytes]) -> tuple[int, dict[str, str], bytes]:
    root = b"ListConfigurationsOutput"
    inside = b"".join(re.sub(rb"^<\?xml.*?\?>", b"", one) for one in documents)
    return 200, {}, b"<%b><IsTruncated>false</IsTruncated>%b</%b>" % (root, inside, root)
