"""Telling the person at the keyboard how far the work is, on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text

from tandem.kit.terminal import plain_console

Advance = Callable[[int], None]


class RateColumn(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class Progress:
    """Steps with and without a count; on a terminal they move, elsewhere each is one line."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self._console = console or plain_console(stderr=True, quiet=quiet)
        self._bars = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
        )

    @contextmanager
    def showing(self) -> Iterator["Progress"]:
        """Show the bars while the block runs."""
        if self._console.is_terminal:
            with self._bars:
                yield self
        else:
            yield self

    @contextmanager
    def counting(self, title: str, total: int) -> Iterator[Advance]:
        """Show one step of ``total`` rows; the yielded function is told of rows done."""
        task = self._bars.add_task(title, total=total)
        yield lambda rows: self._bars.advance(task, rows)
        self._done(task)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show one step whose length is not known."""
        task = self._bars.add_task(title, total=None)
        yield
        self._done(task)

    def _done(self, task_id: int) -> None:
        task = next(task for task in self._bars.tasks if task.id == task_id)
        self._bars.update(task.id, visible=False)
        rows = f", {task.total:,.0f} rows" if task.total else ""
        self._console.print(f"  {task.description}{rows}: {task.elapsed or 0:.1f} s")
