"""Serve every type that the registry provisions through AWS Cloud Control.

https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/what-is-cloudcontrolapi.html
"""
