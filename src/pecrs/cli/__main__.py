"""``python -m pecrs.cli``."""

from pecrs.cli import main

main()
