"""``python -m segment`` is the command line."""

from segment.cli import main

main()
