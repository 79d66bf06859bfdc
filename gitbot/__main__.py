"""``python -m gitbot``: the command line. Shell."""

from gitbot.cli.main import main

main()
