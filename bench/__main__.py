"""Run the benchmarks: ``python -m bench [NAME …] [options]``. Each prints a table of both sides."""

import argparse

from bench import api, backfill, http, matching, pages, replace, triggers

BENCHES = {
    "api": api.main,
    "backfill": backfill.main,
    "http": http.main,
    "matching": matching.main,
    "pages": pages.main,
    "replace": replace.main,
    "triggers": triggers.main,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHES)}")
    parser.add_argument("--tutors", type=int, default=5_000)
    parser.add_argument("--students", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="each side runs so many times")
    parser.add_argument(
        "--only", default="", metavar="TEXT", help="http, triggers: what has it in its name"
    )
    options = parser.parse_args()
    if unknown := set(options.names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}")
    for name in options.names or BENCHES:
        BENCHES[name](options)


if __name__ == "__main__":
    main()
