"""The audit commands: make a key pair, sign checkpoints, export the record log, verify it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from features.errors import LingjiError
from serving.command_line import options
from serving.command_line.speech import FAILED, OUT, as_called, counted, refusing, say_json
from serving.record_address import record_address

if TYPE_CHECKING:
    from serving.records.log_reader import LogReader
    from serving.records.verification import Checkpoint, VerifierKey

AUDIT = typer.Typer(
    help="Records: make a key pair, sign checkpoints, export the log, verify it.\n\n"
    "审计：生成密钥、签署检查点、导出评分记录、核验记录未被增删改。",
    no_args_is_help=True,
)


class NotVerifiedError(LingjiError):
    """A log, a checkpoint or a key that cannot be believed."""


@AUDIT.command()
@refusing
def key(
    name: Annotated[
        str, typer.Argument(help="The log's name, like an address: finance.example/records.")
    ],
    out: Annotated[Path, typer.Option("--out", help="The private key's file to write (PEM).")],
    as_json: options.AsJson = False,
) -> None:
    """Make a key pair that signs checkpoints: the private key in FILE, the public one in .vkey."""
    from serving.records.checkpoint import SigningKey

    made = SigningKey.generate(name)
    public = made.save(out)
    if as_json:
        say_json({"private": str(out), "public": str(public), "key": made.verifier.text()})
        return
    OUT.print(f"Private key: {out} (keep it readable by the signer only)")
    OUT.print(f"Public key: {public} (give it to every auditor)")
    OUT.print(made.verifier.text())


@AUDIT.command()
@refusing
def checkpoint(
    key: Annotated[Path, typer.Option("--key", help="The private key's file.")],
    out: Annotated[
        Path,
        typer.Option("--out", help="The file to write; keep it where no one can change both."),
    ],
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Sign how many records there are and what they are; store it, and write it to a file."""
    from serving.records.checkpoint import SigningKey
    from serving.records.record_log import RecordLog
    from serving.records.verification import verified_checkpoint

    signer = SigningKey.load(key)
    with RecordLog.open_existing(record_address(records, home)) as log:
        note = log.checkpoint(signer)
    with _whole_file(out) as stream:
        stream.write(note)
    signed = verified_checkpoint(note, signer.verifier)
    if as_json:
        say_json({"size": signed.size, "root": signed.root.hex(), "file": str(out), "note": note})
        return
    OUT.print(f"Signed: {counted(signed.size, 'record')}, root {signed.root.hex()}")
    OUT.print(f"Written to {out}: keep it outside this machine; without it nothing can be shown.")


@AUDIT.command()
@refusing
def export(
    out: Annotated[Path, typer.Option("--out", help="The file to write (JSON lines).")],
    start: Annotated[int, typer.Option(min=0, help="The first record, from 0.")] = 0,
    end: Annotated[int | None, typer.Option(min=0, help="The one after the last record.")] = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Write the records, or a part of them, to a file that can be verified anywhere.

    It holds the private values that were not erased: treat it as the database itself.
    """
    lines = 0
    with opened_reader(records, home) as log, _whole_file(out) as stream:
        for line in log.export(start, end):
            stream.write(line)
            lines += 1
    if as_json:
        say_json({"file": str(out), "lines": lines})
        return
    OUT.print(f"Exported to {out} ({counted(lines, 'line')}). Verify it with:")
    OUT.print(f"{as_called()} audit verify {out} --key KEY.vkey --checkpoint FILE")


@AUDIT.command()
@refusing
def verify(
    log: Annotated[
        Path | None,
        typer.Argument(metavar="[LOG]", help="An export; default: the record database itself."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", help="A public key, or its .vkey file; each key ever in use."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint kept elsewhere; may be given repeatedly."),
    ] = None,
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Verify that no record was altered, added or removed since the checkpoints were signed."""
    from serving.records.verification import NotVerified, told, verify_log

    if checkpoint and not key:
        raise typer.BadParameter("checkpoints need the key that signed them", param_hint="--key")
    try:
        believed, outside = _believed(key or [], checkpoint or [])
        with _lines(log, records, home) as lines:
            verdict = verify_log(lines, believed, outside)
    except NotVerified as error:
        raise NotVerifiedError(str(error)) from error
    if as_json:
        say_json(verdict.as_json())
    else:
        for line in told(verdict):
            OUT.print(line)
    if not verdict.holds:
        raise typer.Exit(FAILED)


def _believed(
    keys: list[str], checkpoints: list[Path]
) -> tuple[list[VerifierKey], list[Checkpoint]]:
    """The keys whose signatures are believed, and the checkpoints that they signed."""
    from serving.records.verification import VerifierKey, text_or_file, verified_checkpoint

    believed = [VerifierKey.parse(text_or_file(key)) for key in keys]
    notes = [path.read_text(encoding="utf-8") for path in checkpoints]
    return believed, [verified_checkpoint(note, *believed) for note in notes]


@contextmanager
def _lines(log: Path | None, records: str | None, home: Path) -> Iterator[Iterable[str]]:
    """The lines of an export: a file's, or the database's own."""
    if log is not None:
        with log.open(encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    with opened_reader(records, home) as reader:
        yield reader.export()


def opened_reader(records: str | None, home: Path) -> LogReader:
    """The record log, to be read."""
    from serving.records.log_reader import LogReader

    return LogReader.open(record_address(records, home))


@contextmanager
def _whole_file(path: Path) -> Iterator[TextIO]:
    """A file that appears whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(path.name + ".part")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)
