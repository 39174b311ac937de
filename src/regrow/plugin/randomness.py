"""One seed, many streams: every stage and component draws its own by name, so that adding one shifts no other."""


def random_state(seed: int, name: str) -> int:
    """An integer in [0, 2**32) for scikit-learn's `random_state`, a function of the seed and the name alone.

    Two names give unrelated streams: the first four bytes of SHA-256 over "seed/name".
    """
    import hashlib  # loads OpenSSL, which few commands need

    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest()[:4], "big")
