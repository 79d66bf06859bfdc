"""The language server: speaks with an editor by way of pygls. Shell."""
