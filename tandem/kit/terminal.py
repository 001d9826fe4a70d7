"""Text of others on a terminal: shown as it is, and never followed as a command."""

from rich.console import Console


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun: ``1 write``, ``2,000 writes``."""
    return f"{number:,} {one if number == 1 else many}"


def printable(text: str) -> str:
    """Return ``text`` with what is no character to be seen spelled out; line ends stay."""
    return "".join(
        one
        if one.isprintable() or one == "\n"
        else one.encode("unicode_escape", "surrogatepass").decode()
        for one in text
    )


def plain_console(*, stderr: bool = False, quiet: bool = False) -> Console:
    """Return a console for which ``[bold]`` and ``:smile:`` are words like others."""
    return Console(stderr=stderr, quiet=quiet, markup=False, emoji=False)
