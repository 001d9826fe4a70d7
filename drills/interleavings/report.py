"""What a drill of interleavings says at its end."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from drills.interleavings.explore import Found
from drills.interleavings.orders import Order

SHOWN = 3
"""Orders printed of each set of transactions that shows a difference."""


def show(console: Console, found: Found, seconds: float) -> None:
    """Print the figures, then each difference with orders that show it again."""
    table = Table(title="Interleavings")
    for name in ("", "number"):
        table.add_column(name, justify="right" if name else "left")
    for what, number in (
        ("sets of transactions", found.jobs),
        ("orders run", found.orders),
        ("orders skipped", found.skipped),
        ("steps that waited", found.waited),
        ("waits that timed out", found.timed_out),
        ("kills", found.kills),
        ("orders with a difference", len(found.differences)),
        ("seconds", round(seconds)),
    ):
        table.add_row(what, f"{number:,}")
    console.print(table)
    for line in differences(found):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def differences(found: Found) -> Iterator[str]:
    """Yield lines: which sets of transactions differ, how often, and orders for ``--replay``."""
    by_parts: defaultdict[str, list[str]] = defaultdict(list)
    for order in sorted(found.differences, key=len):
        by_parts[" ".join(order.split()[:2])].append(order)
    for parts, orders in sorted(by_parts.items()):
        kinds = Counter(
            text.partition(":")[0] for order in orders for text in found.differences[order]
        )
        yield f"{parts}: {len(orders)} orders differ ({', '.join(kinds)})"
        for order in orders[:SHOWN]:
            yield f"  --replay '{order}'"
            for text in found.differences[order][:SHOWN]:
                yield f"    {text}"


def replayed(order: Order, texts: list[str]) -> str:
    """Return one replayed order with what it showed."""
    return "\n".join([str(order), *(f"  {text}" for text in texts or ["no difference"])])
