"""Run the drills: ``python -m drills [NAME …] [options]``. Exit status 1: one found a fault."""

import argparse
import logging
import os
import sys
from collections.abc import Callable

from drills.server import server

DRILLS = (
    "interleavings",
    "kills",
    "random_writes",
    "bad_input",
    "weekly_lessons",
    "letters",
    "protections",
    "beside",
    "proxy",
)


def main() -> int:
    """Run each drill that is named, or all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tandem.settings")
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # connections are killed on purpose
    options = _options()
    with server():
        return max(_drill(name)(options) for name in options.names or DRILLS)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(DRILLS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=20, help="for interleavings")
    parser.add_argument("--kills", type=int, default=1_000, help="for kills; a tenth for letters")
    parser.add_argument("--writes", type=int, default=100_000, help="for random_writes")
    parser.add_argument(
        "--schema",
        choices=("one_tutor", "half_migrated", "both"),
        default="both",
        help="for random_writes: the older application's tables",
    )
    parser.add_argument("--requests", type=int, default=20_000, help="for bad_input")
    parser.add_argument("--histories", type=int, default=1_000, help="for weekly_lessons")
    parser.add_argument(
        "--only",
        default="",
        help="interleavings, protections, or trials beside or of the proxy, whose name contains this",
    )
    parser.add_argument(
        "--replay", action="append", metavar="ORDER", help="run an order that was printed again"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - set(DRILLS):
        parser.error(f"there is no drill {', '.join(sorted(unknown))}")
    return options


def _drill(name: str) -> Callable[[argparse.Namespace], int]:
    """Return what runs a drill; its modules need Django's settings, which are known by now."""
    from drills import bad_input, kills, letters, weekly_lessons  # noqa: PLC0415
    from drills.beside import command as beside  # noqa: PLC0415
    from drills.interleavings import command as interleavings  # noqa: PLC0415
    from drills.protections import command as protections  # noqa: PLC0415
    from drills.proxy import command as proxy  # noqa: PLC0415
    from drills.random_writes import command as random_writes  # noqa: PLC0415

    known = {
        "interleavings": interleavings.main,
        "kills": kills.main,
        "random_writes": random_writes.main,
        "bad_input": bad_input.main,
        "weekly_lessons": weekly_lessons.main,
        "letters": letters.main,
        "protections": protections.main,
        "beside": beside.main,
        "proxy": proxy.main,
    }
    return known[name]


if __name__ == "__main__":
    sys.exit(main())
