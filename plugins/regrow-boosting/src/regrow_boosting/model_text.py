"""LightGBM's text format, looked at before LightGBM reads it: in C++ it follows the indices that stand there.

The format: https://github.com/microsoft/LightGBM, src/boosting/gbdt_model_text.cpp and src/io/tree.cpp.
"""

END = "end of trees"
MOST_LINES = 22  # of a tree that LightGBM reads; it would not see the ones after
ARRAYS = ("split_feature", "threshold", "decision_type", "left_child", "right_child")


def check_text(text: str, columns: int, trees_a_round: int, objective: str) -> None:
    """ValueError unless a model's text is of so many columns and trees a round, of the objective, and every index in
    its trees leads to a later node, to a leaf or to a column. Splits by category and linear leaves are not taken."""
    if not text.isascii() or "\r" in text or "\0" in text:
        raise ValueError("the model's text holds characters that are not LightGBM's")
    head, _, rest = text.partition("\n\nTree=")
    body, end, _ = f"Tree={rest}".partition(f"\n{END}\n")
    keys = _keys(head.split("\n")[1:])
    expected = {
        "num_class": str(trees_a_round),
        "num_tree_per_iteration": str(trees_a_round),
        "max_feature_idx": str(columns - 1),
        "objective": objective,
    }
    if odd := [f"{name}={keys.get(name)}" for name, value in expected.items() if keys.get(name) != value]:
        raise ValueError(f"the model's text is of another model: {', '.join(odd)}")
    blocks = [f"Tree={block}" for block in f"\n{body}".split("\nTree=")[1:]]
    sizes = [str(len(block) + 1) for block in blocks]  # with the newline that split them
    if not end or keys.get("tree_sizes", "").split(" ") != sizes or len(blocks) % trees_a_round:
        raise ValueError("the model's text is not whole: its trees are not of the sizes it names")
    for number, block in enumerate(blocks):
        _check_tree(block.rstrip("\n").split("\n"), number, columns)


def _keys(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition("=")
        if key in found:
            raise ValueError(f"the model's text has {key[:40]!r} twice")
        found[key] = value
    return found


def _check_tree(lines: list[str], number: int, columns: int) -> None:
    keys = _keys(lines)
    try:
        inner = int(keys["num_leaves"]) - 1
        arrays = [keys[name].split() for name in ARRAYS]
        features, left, right = ([int(one) for one in keys[name].split()] for name in (ARRAYS[0], *ARRAYS[3:]))
        sound = (
            lines[0] == f"Tree={number}"
            and "" not in lines
            and len(lines) <= MOST_LINES
            and keys["num_cat"] == keys["is_linear"] == "0"
            and {inner} == {*map(len, arrays)}
            and len(keys["leaf_value"].split()) == inner + 1
            and all(0 <= one < columns for one in features)
            and all(
                node < child < inner or -inner - 1 <= child < 0
                for side in (left, right)
                for node, child in enumerate(side)
            )
        )
    except (KeyError, ValueError):  # a part that is missing, or no number
        sound = False
    if not sound:
        raise ValueError(f"tree {number} of the model's text leads out of it: the file is damaged, or made to do harm")
