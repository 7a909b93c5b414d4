"""``python -m pecrs.cli``."""

from pecrs.cli import main

if __name__ == "__main__":
    main()
