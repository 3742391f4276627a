"""Whoever can write to the whole database: what is found out, and what is not without a checkpoint.

The forger here knows everything that this project does: after his change he computes every node and
the head anew, so that the log agrees with itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.records.checkpoint import SigningKey
from serving.records.database import AUDITOR
from serving.records.errors import LogDamaged
from serving.records.log_reader import LogReader
from serving.records.merkle_tree import frontier_nodes, grown
from serving.records.record import PrivateValue, Record
from serving.records.record_log import RecordLog
from serving.records.verification import (
    Checkpoint,
    Verdict,
    joined,
    leaf_hash,
    main,
    verified_checkpoint,
    verify_log,
)

SIZE = 20
SIGNED = (8, 16)

Forgery = Callable[[sqlite3.Connection], None]


@pytest.fixture
def signed(tmp_path: Path, key: SigningKey) -> tuple[Path, list[Checkpoint]]:
    """A log of 20 records with the checkpoints after 8 and 16, kept outside as well."""
    path = tmp_path / "records.db"
    notes = []
    with RecordLog.open(f"sqlite:///{path}") as log:
        for number in range(SIZE):
            private = {"phone": f"1380000{number:04}"}
            content = {"score": number}
            log.append(Record("score", "platform", content, private=private)).result()
            if number + 1 in SIGNED:
                notes.append(log.checkpoint(key))
    return path, [verified_checkpoint(note, key.verifier) for note in notes]


def forge(path: Path, forgery: Forgery, *, covered_up: bool = True) -> None:
    """Change the database as its owner can; covered up: nodes and head are computed anew."""
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    for (name,) in triggers.fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    forgery(connection)
    if covered_up:
        cover_up(connection)
    connection.commit()
    connection.close()


def cover_up(connection: sqlite3.Connection) -> None:
    """Compute every node and the head anew, so that the log agrees with itself."""
    leaves = [row[0] for row in connection.execute("SELECT leaf FROM record ORDER BY leaf_index")]
    nodes = grown(0, [], [leaf_hash(leaf) for leaf in leaves])
    connection.execute("DELETE FROM tree_node")
    connection.executemany(
        "INSERT INTO tree_node VALUES (?, ?)",
        [(node.position, found) for node, found in nodes.items()],
    )
    frontier = [nodes[node] for node in frontier_nodes(len(leaves))]
    connection.execute(
        "UPDATE log_head SET size = ?, root = ?, frontier = ?",
        (len(leaves), joined(frontier), b"".join(frontier)),
    )


def verdict(path: Path, key: SigningKey, outside: list[Checkpoint]) -> Verdict:
    with LogReader.open(f"sqlite:///{path}") as log:
        return verify_log(log.export(), [key.verifier], outside)


def edit(connection: sqlite3.Connection) -> None:
    """A better score for record 5."""
    (leaf,) = connection.execute("SELECT leaf FROM record WHERE leaf_index = 5").fetchone()
    better = leaf.replace(b'"score":5', b'"score":99')
    assert better != leaf
    connection.execute("UPDATE record SET leaf = ? WHERE leaf_index = 5", (better,))


def _renumber(connection: sqlite3.Connection, order: list[int]) -> None:
    """Put the records into another order; those left out are deleted."""
    rows = {row[0]: row[1:] for row in connection.execute("SELECT * FROM record")}
    kept = {
        row[:2]: row[2:] for row in connection.execute("SELECT * FROM private_value").fetchall()
    }
    connection.execute("DELETE FROM private_value")
    connection.execute("DELETE FROM record")
    for place, index in enumerate(order):
        connection.execute("INSERT INTO record VALUES (?,?,?,?,?,?)", (place, *rows[index]))
        values = (place, "phone", *kept[index, "phone"])
        connection.execute("INSERT INTO private_value VALUES (?,?,?,?,?,?)", values)


def delete(connection: sqlite3.Connection) -> None:
    _renumber(connection, [n for n in range(SIZE) if n != 5])


def reorder(connection: sqlite3.Connection) -> None:
    _renumber(connection, [0, 1, 2, 3, 4, 6, 5, *range(7, SIZE)])


def truncate(connection: sqlite3.Connection) -> None:
    _renumber(connection, list(range(12)))


def insert(connection: sqlite3.Connection) -> None:
    _renumber(connection, list(range(SIZE)))
    connection.execute("PRAGMA foreign_keys = OFF")
    for index in range(SIZE - 1, 4, -1):
        move = "UPDATE {} SET leaf_index = leaf_index + 1 WHERE leaf_index = ?"
        for table in ("record", "private_value"):
            connection.execute(move.format(table), (index,))
    sealed = Record("score", "platform", {"score": 99}).sealed()
    row = (5, sealed.record_id, "score", None, None, sealed.leaf)
    connection.execute("INSERT INTO record VALUES (?,?,?,?,?,?)", row)


def append(connection: sqlite3.Connection) -> None:
    sealed = Record("score", "platform", {"score": 99}).sealed()
    row = (SIZE, sealed.record_id, "score", None, None, sealed.leaf)
    connection.execute("INSERT INTO record VALUES (?,?,?,?,?,?)", row)


def forget_checkpoints(forgery: Forgery) -> Forgery:
    """The same, with the checkpoints in the database deleted as well."""

    def both(connection: sqlite3.Connection) -> None:
        forgery(connection)
        connection.execute("DELETE FROM checkpoint")

    return both


def test_control_an_untouched_log_holds(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed
    found = verdict(path, key, outside)
    assert found.findings == []
    assert (found.size, found.covered, found.checkpoints) == (SIZE, 16, 4)


@pytest.mark.parametrize(
    ("forgery", "place", "got"),
    [
        (edit, "records 0 to 7", "root"),
        (delete, "records 0 to 7", "root"),
        (reorder, "records 0 to 7", "root"),
        (insert, "records 0 to 7", "root"),
        (truncate, "end of the log", "the 16 records"),
    ],
)
def test_a_covered_up_forgery_is_found_by_an_outside_checkpoint(
    signed: tuple[Path, list[Checkpoint]],
    key: SigningKey,
    forgery: Forgery,
    place: str,
    got: str,
) -> None:
    path, outside = signed
    forge(path, forget_checkpoints(forgery))
    found = verdict(path, key, outside)
    assert not found.holds
    assert found.findings[0].place == place
    assert got in found.findings[0].expected
    assert found.covered == (8 if forgery is truncate else 0)


@pytest.mark.parametrize("forgery", [edit, delete, reorder, insert, truncate])
def test_control_without_an_outside_checkpoint_it_stays_undetected(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey, forgery: Forgery
) -> None:
    path, _ = signed
    forge(path, forget_checkpoints(forgery))
    found = verdict(path, key, [])
    assert found.holds
    assert found.covered == 0
    RecordLog.open(f"sqlite:///{path}").close()


def test_control_what_no_checkpoint_covers_yet_stays_undetected(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed
    forge(path, lambda c: _renumber(c, [*range(16), 17, 16]))
    found = verdict(path, key, outside)
    assert found.holds
    assert (found.covered, found.size) == (16, 18)


def test_a_forgery_that_leaves_the_checkpoints_is_found_by_them(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, _ = signed
    forge(path, edit)
    found = verdict(path, key, [])
    assert [finding.place for finding in found.findings] == ["records 0 to 7", "records 0 to 15"]


def test_the_signer_does_not_sign_another_history(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, _ = signed
    forge(path, edit)
    with (
        RecordLog.open(f"sqlite:///{path}") as log,
        pytest.raises(LogDamaged, match="first 16 records: expected"),
    ):
        log.checkpoint(key)
    forge(path, truncate)
    with (
        RecordLog.open(f"sqlite:///{path}") as log,
        pytest.raises(LogDamaged, match="the 16 records that were signed; got 12"),
    ):
        log.checkpoint(key)


def test_a_plain_edit_is_named_to_the_record(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed
    forge(path, edit, covered_up=False)
    found = verdict(path, key, outside)
    assert found.findings[0].place == "record 5"
    assert found.findings[0].expected.startswith("a record that hashes to ")


def test_a_plain_deletion_is_named_to_the_record(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed

    def gone(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM record WHERE leaf_index = 5")

    forge(path, gone, covered_up=False)
    found = verdict(path, key, outside)
    assert found.findings[0].message() == (
        "record 5: expected the record with index 5; got index 6"
    )
    assert len([f for f in found.findings if f.expected.startswith("the record with")]) == 1


def test_an_altered_private_value_is_named(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed

    def other(connection: sqlite3.Connection) -> None:
        query = "SELECT sealed FROM private_value WHERE leaf_index = 8"
        (sealed,) = connection.execute(query).fetchone()
        connection.execute("UPDATE private_value SET sealed = ? WHERE leaf_index = 7", (sealed,))

    forge(path, other)
    found = verdict(path, key, outside)
    assert [finding.place for finding in found.findings] == ["record 7, phone"]
    assert found.findings[0].got == "bytes that were not sealed for it"


def test_whoever_has_the_key_cannot_replace_a_private_value_either(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey
) -> None:
    path, outside = signed
    with RecordLog.open(f"sqlite:///{path}") as log:
        stored = log.records(AUDITOR, after=6, limit=1)[0]
        key_id, _ = stored.sealed["phone"] or ("", b"")
        other = PrivateValue(bytes(32), b'"1"')
        sealed = stored.keys.key(key_id).sealed(stored.record_id, "phone", other)
    forge(
        path,
        lambda connection: connection.execute(
            "UPDATE private_value SET sealed = ? WHERE leaf_index = 7", (sealed,)
        ),
    )
    found = verdict(path, key, outside)
    assert [finding.place for finding in found.findings] == ["record 7"]
    assert "phone to hash to" in found.findings[0].expected


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("UPDATE private_value SET sealed = NULL, key_id = NULL", "the record of its erasure"),
        ("DELETE FROM private_value", "a value that its key opens, or that it was erased"),
    ],
)
def test_a_value_that_went_without_a_record_of_it_is_named(
    signed: tuple[Path, list[Checkpoint]], key: SigningKey, statement: str, wanted: str
) -> None:
    path, outside = signed

    def gone(connection: sqlite3.Connection) -> None:
        connection.execute(f"{statement} WHERE leaf_index = 7")

    forge(path, gone, covered_up=False)
    found = verdict(path, key, outside)
    assert [finding.place for finding in found.findings] == ["record 7, phone"]
    assert wanted in found.findings[0].expected


# At opening


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE log_head SET size = 16, frontier = substr(frontier, 1, 32)", "end"),
        ("UPDATE log_head SET root = zeroblob(32)", "head"),
        ("UPDATE log_head SET frontier = zeroblob(64)", r"node \(4, 0\)"),
        ("UPDATE log_head SET frontier = zeroblob(32)", "head"),
        ("DELETE FROM log_head", "head"),
        ("DELETE FROM record WHERE leaf_index = 19", "end"),
        ("DELETE FROM tree_node WHERE position = (SELECT max(position) FROM tree_node)", "end"),
        ("UPDATE tree_node SET hash = zeroblob(32) WHERE position = 30", r"node \(4, 0\)"),
        ("UPDATE record SET leaf = CAST('{}' AS BLOB) WHERE leaf_index = 19", "record 19"),
    ],
)
def test_a_head_that_is_not_what_its_nodes_say_is_found_at_opening(
    signed: tuple[Path, list[Checkpoint]], statement: str, place: str
) -> None:
    path, _ = signed
    forge(path, lambda c: c.execute(statement) and None, covered_up=False)
    with pytest.raises(LogDamaged, match=f"record log, {place}: expected"):
        RecordLog.open(f"sqlite:///{path}")


def test_control_an_edit_far_from_the_end_is_not_found_at_opening(
    signed: tuple[Path, list[Checkpoint]],
) -> None:
    path, _ = signed
    forge(path, edit, covered_up=False)
    RecordLog.open(f"sqlite:///{path}").close()


# Exports that somebody has altered on their way


def test_an_altered_export_is_found(signed: tuple[Path, list[Checkpoint]], key: SigningKey) -> None:
    path, outside = signed
    with LogReader.open(f"sqlite:///{path}") as log:
        lines = list(log.export())

    def found(altered: list[str]) -> list[str]:
        return [f.message() for f in verify_log(altered, [key.verifier], outside).findings]

    assert found(lines) == []
    assert found([]) == ["line 1: expected the head of a log; got an empty file"]
    assert found(lines[1:]) == ["line 1: expected the head of a log; got 'leaf'"]
    assert found(["[]\n"]) == ["line 1: expected a JSON object; got list"]
    assert found(["{\n"])[0].startswith("line 1: expected JSON; got ")
    assert "20 records, as its head says; got 19" in found(lines[:-1])[0]
    assert found([*lines, '{"type": "more"}\n'])[0].startswith("line 24: expected a leaf or a")
    half = json.loads(lines[0]) | {"start": 3}
    assert found([json.dumps(half), *lines[1:]])[0].startswith("frontier: expected 2 hashes")


def test_the_file_verifies_alone_and_says_what_it_does_not_show(
    signed: tuple[Path, list[Checkpoint]],
    key: SigningKey,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, _ = signed
    with LogReader.open(f"sqlite:///{path}") as log:
        (tmp_path / "log.jsonl").write_text("".join(log.export()), encoding="utf-8")
        (tmp_path / "checkpoint").write_text(log.checkpoints()[-1], encoding="utf-8")
    words = [str(tmp_path / "log.jsonl"), "--key", key.verifier.text()]
    assert main([*words, "--checkpoint", str(tmp_path / "checkpoint")]) == 0
    told = capsys.readouterr().out
    assert "holds: records 0 to 19" in told
    assert "Not shown: that records 16 to 19 are what was first written" in told
    assert main(words) == 0
    assert "Not shown: that records 0 to 19" in capsys.readouterr().out
    other = SigningKey.generate(key.name).verifier.text()
    words[2] = other
    assert main([*words, "--checkpoint", str(tmp_path / "checkpoint")]) == 1
    assert "expected a signature of" in capsys.readouterr().out
    assert main([str(tmp_path / "absent"), "--key", other]) == 2
