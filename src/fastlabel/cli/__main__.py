"""`python -m fastlabel.cli` is the command line too."""

from fastlabel.cli import main

main()
