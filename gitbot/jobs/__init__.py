"""The stories, one job a module: this folder is the table of contents. Shell."""
