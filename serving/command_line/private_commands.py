"""The commands about private values: lingji audit erase and rotate-key."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from features.errors import LingjiError
from features.identity_number import holds_identity_number
from serving.asker import Asker
from serving.command_line import options
from serving.command_line.speech import OUT, counted, refusing, say_json
from serving.record_address import record_address

KEY_CHANGE_FORMAT = 1


class NoGround(LingjiError):
    """A ground of an erasure that must not be kept."""


@refusing
def erase(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="The id of the record.")],
    field: Annotated[
        list[str],
        typer.Option("--field", help="A private value to erase; may be given repeatedly."),
    ],
    ground: Annotated[
        str, typer.Option("--ground", help="Why: the request or the rule. It is recorded.")
    ],
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Erase private values of a record for ever, and record which, when, by whom and why."""
    from serving.recording.score_record import BESIDE
    from serving.records.database import AUDITOR
    from serving.records.erasure import Erasure
    from serving.records.log_query import LogQuery
    from serving.records.record_log import RecordLog

    if holds_identity_number(ground):
        raise NoGround("expected a ground without citizen identity numbers; got one, not shown")
    asker = Asker.at_command_line("lingji audit erase")
    asked = {"role": asker.role, "way": asker.way}
    wanted = Erasure(record, tuple(field), ground, asker.actor, asked)
    with RecordLog.open_existing(record_address(records, home)) as log:
        done = log.erase(wanted)
        # What was answered beside it holds the same values, and nobody would look for them there.
        copies = log.search(AUDITOR, LogQuery(about=record, kind=BESIDE))
        beside = [log.erase(replace(wanted, record_id=each.record_id)) for each in copies]
    also = [receipt.record_id for receipt in beside if receipt is not None]
    if as_json:
        told = {"erased": done is not None, "record_id": done.record_id if done else None}
        say_json(told | {"beside": also})
    elif done is None:
        OUT.print("Nothing to do: they were erased before, and that is recorded.")
    else:
        OUT.print(f"Erased: {', '.join(field)} of record {record}")
        if also:
            OUT.print(f"And of {counted(len(also), 'answer')} made beside it.")
        OUT.print(f"Recorded as {done.record_id}. Backups of the database still hold them.")


@refusing
def rotate_key(
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Seal all private values with a new key, while the service goes on; the old key is dropped."""
    from serving.records.record import Record
    from serving.records.record_log import RecordLog

    asker = Asker.at_command_line("lingji audit rotate-key")

    def change(before: str | None, after: str, count: int) -> Record:
        content = {
            "format": KEY_CHANGE_FORMAT,
            "before": before,
            "after": after,
            "values": count,
            "asked": {"role": asker.role, "way": asker.way},
        }
        return Record("key_change", asker.actor, content)

    with RecordLog.open_existing(record_address(records, home)) as log:
        key_id, count = log.rotate_key(change)
    if as_json:
        say_json({"key_id": key_id, "values": count})
        return
    OUT.print(f"Sealed {counted(count, 'private value')} with the new key {key_id}.")
    OUT.print("Keep a copy of the file of keys, apart from the database and its backups.")
