"""Run the drills: ``python -m drills [NAME …] [options]``. Exit status 1: one found a fault."""

import argparse
import os
import sys
from collections.abc import Callable

from drills.server import server

DRILLS = ("interleavings",)


def main() -> int:
    """Run each drill that is named, or all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    options = _options()
    with server():
        return max(_drill(name)(options) for name in options.names or DRILLS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(DRILLS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=20, help="for interleavings")
    parser.add_argument("--only", default="", help="interleavings whose transactions contain this")
    parser.add_argument(
        "--replay", action="append", metavar="ORDER", help="run an order that was printed again"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(DRILLS):
        parser.error(f"there is no drill {', '.join(sorted(unknown))}")
    return options


def _drill(name: str) -> Callable[[argparse.Namespace], int]:
    """Return what runs a drill; its modules need Django's settings, which are known by now."""
    from drills.interleavings import command as interleavings  # noqa: PLC0415

    return {"interleavings": interleavings.main}[name]


if __name__ == "__main__":
    sys.exit(main())
