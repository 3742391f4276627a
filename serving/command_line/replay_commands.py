"""The command that makes recorded answers again and compares them: lingji audit replay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import LingjiError
from serving.command_line import options
from serving.command_line.audit_commands import opened_reader
from serving.command_line.speech import (
    FAILED,
    MOST_SHOWN,
    OUT,
    counted,
    progress,
    refusing,
    say_json,
)

if TYPE_CHECKING:
    from serving.records.log_reader import LogReader
    from serving.records.log_reading import StoredRecord

_TOGETHER = 200
_SAID = {"differs": "differs", "cannot": "cannot be made again"}


class NoSuchRecord(LingjiError):
    """A record that is not in the log, or is none of a score or a check."""


@refusing
def replay(
    record: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RECORD]...", help="Ids of records of scores and checks."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every score and check in the log.")] = False,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Make recorded scores and checks again with what they name, and compare them bit for bit."""
    from serving.recording.replay import Replay

    if bool(record) == every:
        raise typer.BadParameter("name records, or give --all", param_hint="RECORD")
    again = Replay(home)
    same, differing = 0, []
    with opened_reader(records, home) as log:
        total = log.head().size if every else len(record or [])
        pieces = _all(log, total) if every else iter([_named(log, record or [])])
        with progress("replaying", total) as step:
            for read, scores in pieces:
                for done in again.replayed(scores, _kept(log, scores)):
                    same += done.same
                    if not done.same:
                        differing.append(done)
                step(read)
    cannot = sum(each.outcome == "cannot" for each in differing)
    if as_json:
        found = [each.as_json() for each in differing]
        told = {"replayed": same + len(differing), "same": same, "cannot": cannot}
        say_json(told | {"differing": found})
    else:
        for each in differing[:MOST_SHOWN]:
            OUT.print(f"{each.record_id} (leaf {each.leaf_index}) {_SAID[each.outcome]}:")
            for difference in each.differences[:MOST_SHOWN]:
                OUT.print(f"- {difference.message()}")
        OUT.print(
            f"Replayed {counted(same + len(differing), 'record')}: {same:,} same, bit for bit; "
            f"{len(differing) - cannot:,} differ"
            + (f"; {cannot:,} cannot be made again" if cannot else "")
        )
    if differing:
        raise typer.Exit(FAILED)


def _all(log: LogReader, size: int) -> Iterator[tuple[int, list[tuple[StoredRecord, bytes]]]]:
    from serving.recording.replay import REPLAYED

    for start in range(0, size, _TOGETHER):
        piece = log.piece(start, min(start + _TOGETHER, size))
        yield len(piece), [kept for kept in piece if kept[0].kind in REPLAYED]


def _kept(log: LogReader, scores: list[tuple[StoredRecord, bytes]]) -> list[tuple[int, bytes]]:
    """The answers that are kept to be given again, of these scores."""
    at = sorted(stored.leaf_index for stored, _ in scores)
    if not at or at[-1] - at[0] < _TOGETHER:
        return log.kept_answers(at[0], at[-1] + 1) if at else []
    return [found for place in at for found in log.kept_answers(place, place + 1)]


def _named(log: LogReader, ids: list[str]) -> tuple[int, list[tuple[StoredRecord, bytes]]]:
    from serving.recording.replay import REPLAYED

    found = []
    for record_id in ids:
        stored, receipt = log.record(record_id), log.receipt(record_id)
        if stored is None or receipt is None or stored.kind not in REPLAYED:
            kind = "none of that id" if stored is None else f"one of kind {stored.kind}"
            expected = "the id of a record of a score or a check"
            raise NoSuchRecord(f"expected {expected}; got {record_id}: {kind}")
        found.append((stored, receipt.leaf_hash))
    return len(ids), found
