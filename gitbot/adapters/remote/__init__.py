"""Asks a server of gitbot by its API, for the command line. Shell."""
