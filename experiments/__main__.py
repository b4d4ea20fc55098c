"""`python -m experiments [NAME ...]`: run experiments and write their tables."""

from __future__ import annotations

import sys
import time

import experiments


def main(wanted: list[str]) -> int:
    """Run the experiments named, or all; 2 if one is unknown."""
    if unknown := [name for name in wanted if name not in experiments.names()]:
        print(
            f"There is no experiment {unknown[0]!r}. There are: {', '.join(experiments.names())}.",
            file=sys.stderr,
        )
        return 2
    for name in wanted or experiments.names():
        start = time.perf_counter()
        print(f"\n{name} ...", flush=True)
        print(experiments.run(name))
        print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
