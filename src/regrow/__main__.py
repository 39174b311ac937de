"""`regrow`, and `python -m regrow`."""

import gc
import os
import sys

from regrow.tools import git_variables


def main() -> None:
    """The console script. A stage that the warm server takes over needs nothing of the command line but its name, and a
    run that has nothing to do not even that."""
    if sys.argv[1:2] != ["stage"]:  # whose variables are those of every stage, however it starts
        git_variables.hold()
    if sys.argv[1:2] == ["run"]:
        gc.disable()  # until DVC is imported: there is no garbage before
    if sys.argv[1:2] == ["compile"]:
        gc.disable()  # what is read is needed to the end
    if sys.argv[1:] == ["run"]:
        from regrow.run import nothing_to_do

        if nothing_to_do.nothing_to_do_here():
            try:
                print(nothing_to_do.UP_TO_DATE, flush=True)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(1)
            return
    if sys.argv[1:2] == ["stage"] and len(sys.argv) == 3 and not sys.argv[2].startswith("-"):
        from regrow.stage import start

        try:
            start.enter_early(sys.argv[2])
        except KeyboardInterrupt:
            sys.exit(130)
    from regrow import cli
    from regrow.base import process_end

    try:
        cli.main()
    except SystemExit as stop:
        if isinstance(stop.code, str):
            raise  # Python prints it
        process_end.end(process_end.code_of(stop))


if __name__ == "__main__":
    main()
