"""Make the sample county: `python sample_data/generate.py --out DIR [--seed N]`."""

import argparse
import sys
import time
from pathlib import Path

from generator.sample import generate

SEED = 510821


def main() -> int:
    """Read the arguments, make the files, say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}")
    arguments = parser.parse_args()
    started = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {what}", file=sys.stderr, flush=True)

    manifest = generate(arguments.out, arguments.seed, tell)
    tell("完成 done")
    print(manifest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
