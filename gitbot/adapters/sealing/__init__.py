"""Encrypts values of state, for every store. Shell."""
