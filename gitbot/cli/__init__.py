"""The commands of the command line. Each module is imported when its command is used."""
