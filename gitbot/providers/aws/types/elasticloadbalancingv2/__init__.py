"""The types of Elastic Load Balancing, version 2."""
