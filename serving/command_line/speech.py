"""How the command line speaks: results to stdout, progress and refusals to stderr, exit codes."""

from __future__ import annotations

import functools
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.text import Text

from features.errors import LingjiError
from serving.wording.written import read

P = ParamSpec("P")
R = TypeVar("R")

FAILED = 1
# What is printed is often what others wrote: no [word] of it is markup, no :word: a picture.
OUT = Console(highlight=False, markup=False, emoji=False)
ERR = Console(stderr=True, highlight=False, markup=False, emoji=False)
MOST_SHOWN = 20


def as_called() -> str:
    """The program's name as the next command needs it: as typed, or bare when it is on the path."""
    typed = sys.argv[0]
    return typed if os.path.basename(typed) != typed and not os.path.isabs(typed) else "lingji"


def in_home(home: Path, usual: Path) -> str:
    """What the next command needs to find the same working folder; nothing for the usual one."""
    return "" if home == usual else f" --home {shlex.quote(str(home))}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 row", "2,000 rows"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def say_json(content: Any) -> None:
    """Write one JSON document to stdout."""
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1, default=read))


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """The command, ending with exit code 1 and the reason when Lingji refuses or fails."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except LingjiError as error:
            say_refusal(str(error))
            raise typer.Exit(FAILED) from error
        except OSError as error:
            say_refusal(
                f"{type(error).__name__}: {error.strerror or error}: {error.filename or ''}"
            )
            raise typer.Exit(FAILED) from error

    return wrapped


def say_refusal(text: str) -> None:
    """Write why nothing was done, shortened when it is very long."""
    lines = text.splitlines()
    shown = lines[: MOST_SHOWN + 1]
    ERR.print(Text.assemble(("lingji: ", "bold red"), "\n".join(shown)))
    if len(lines) > len(shown):
        ERR.print(f"… and {len(lines) - len(shown)} more", markup=False)


@contextmanager
def progress(task: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; the yielded function moves it on by a number of steps."""
    count = MofNCompleteColumn() if total is not None else TextColumn("{task.completed:,.0f} rows")
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        count,
        Elapsed(),
        console=ERR,
    ) as bar:
        number = bar.add_task(task, total=total)
        yield lambda steps: bar.advance(number, steps)
