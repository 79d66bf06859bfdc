"""The jobs, one module each. Read the names of these modules as a table of contents. Shell."""
