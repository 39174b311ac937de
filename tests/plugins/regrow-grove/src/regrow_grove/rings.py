"""The artifact type: whole numbers, one a line."""


def read(path):
    """The numbers."""
    return [int(line) for line in path.read_text("utf-8").split()]


def write(value, path):
    """One a line."""
    path.write_text("".join(f"{one}\n" for one in value), "utf-8", newline="\n")


def check(value):
    """ValueError unless they are whole numbers."""
    if not all(isinstance(one, int) for one in value):
        raise ValueError("must be whole numbers")
