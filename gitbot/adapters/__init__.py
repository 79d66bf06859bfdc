"""Implement the ports, one module or package for each outside library. Shell."""
