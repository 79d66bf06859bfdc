"""Serve the REST API, one module for each family of resources. Shell."""
