"""The types of RDS."""
