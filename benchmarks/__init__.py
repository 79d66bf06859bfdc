"""Measure what gitbot costs, beside Terraform where it does the same. Shell."""
