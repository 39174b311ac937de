"""`regrow`, and `python -m regrow`."""

import sys


def main() -> None:
    """The console script. A stage that the warm server takes over needs nothing of the command line but its name."""
    if sys.argv[1:2] == ["stage"] and len(sys.argv) == 3 and not sys.argv[2].startswith("-"):
        from regrow import entering

        try:
            entering.enter_early(sys.argv[2])
        except KeyboardInterrupt:
            sys.exit(130)
    from regrow import cli

    cli.main()


if __name__ == "__main__":
    main()
