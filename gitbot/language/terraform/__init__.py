"""Reads Terraform's configuration language, and writes what it describes as specs. Pure.

The language: https://developer.hashicorp.com/terraform/language. Of its types those are known whose objects
gitbot manages (``tables.py``); everything else is told by file and line.
"""
