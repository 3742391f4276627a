"""Checkpoints are C2SP's: notes that others signed verify, ours round-trip, forged ones do not."""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path

import pytest

from serving.records.checkpoint import SigningKey
from serving.records.errors import SigningKeyError
from serving.records.verification import (
    Checkpoint,
    NotVerified,
    UnknownKey,
    VerifierKey,
    verified_checkpoint,
)

# The checksum database of Go, a log in production, and two of its signed heads.
GO_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n"
    "— sum.golang.org Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimW"
    "EPWL+o3GeoWwOoAw=\n"
)
# The example of c2sp.org/tlog-checkpoint is one of them as well, there under an invented origin.
SPECIFICATION = (
    "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo"
    "+zyWE+xeMcTOAYQ8=\n"
)
ROOT = hashlib.sha256(b"root").digest()


@pytest.mark.parametrize(
    ("note", "size"), [(GO_NOTE, 6476701), (SPECIFICATION, 20852163)], ids=["log", "specification"]
)
def test_a_checkpoint_that_others_signed_verifies(note: str, size: int) -> None:
    key = VerifierKey.parse(GO_KEY)
    found = verified_checkpoint(note, key)
    assert (found.origin, found.size) == ("go.sum database tree", size)
    assert found.text() == note.split("\n\n")[0] + "\n"
    assert key.text() == GO_KEY
    with pytest.raises(NotVerified, match="does not verify"):
        verified_checkpoint(note.replace(str(size), str(size + 1)), key)


def test_ours_round_trip(key: SigningKey) -> None:
    note = key.sign(80, ROOT)
    assert verified_checkpoint(note, key.verifier) == Checkpoint(key.name, 80, ROOT)
    assert note == key.sign(80, ROOT)
    assert VerifierKey.parse(key.verifier.text()) == key.verifier
    assert note.startswith(f"{key.name}\n80\n{base64.b64encode(ROOT).decode()}\n\n— {key.name} ")


def test_signatures_of_others_are_ignored_and_one_of_ours_suffices(key: SigningKey) -> None:
    other = SigningKey.generate(key.name)
    theirs = other.sign(80, ROOT).split("\n\n")[1]
    both = key.sign(80, ROOT) + theirs
    assert verified_checkpoint(both, key.verifier).size == 80
    assert verified_checkpoint(both, other.verifier).size == 80
    assert verified_checkpoint(theirs and key.sign(80, ROOT), other.verifier, key.verifier)


def test_a_checkpoint_of_another_key_is_not_believed(key: SigningKey) -> None:
    other = SigningKey.generate(key.name)
    with pytest.raises(UnknownKey, match=f"expected a signature of {key.name}.*got those of"):
        verified_checkpoint(other.sign(80, ROOT), key.verifier)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("\n80\n", "\n81\n", "does not verify"),
        ("\n80\n", "\n080\n", "does not verify"),
        ("\n\n", "\nmore\n\n", "does not verify"),
        ("\n\n", "\n", "signed note"),
        ("— ", "- ", "signature lines"),
        ("\n80\n", "\n8\x070\n", "signed note"),
    ],
)
def test_an_altered_checkpoint_is_not_believed(
    key: SigningKey, old: str, new: str, match: str
) -> None:
    note = key.sign(80, ROOT)
    assert old in note
    with pytest.raises(NotVerified, match=match):
        verified_checkpoint(note.replace(old, new, 1), key.verifier)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("log\n-1\nAAAA\n", "size in decimal"),
        ("log\n080\nAAAA\n", "size in decimal"),
        ("log\n80\nAAAA\n", "root of 32 bytes"),
        ("log\n80\n", "lines origin, size and root"),
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(
    key: SigningKey, text: str, match: str
) -> None:
    signature = base64.b64encode(key.verifier.key_id + key.private.sign(text.encode())).decode()
    with pytest.raises(NotVerified, match=match):
        verified_checkpoint(f"{text}\n— {key.name} {signature}\n", key.verifier)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "key name"),
        ("a b+00000000+AAAA", "key name"),
        ("log+00000000+####", "base64"),
        ("log+00000000+AAAA", "Ed25519"),
        (GO_KEY.replace("033de0ae", "033de0af"), "expected the id 033de0ae; got 033de0af"),
    ],
)
def test_a_text_that_is_no_key_is_refused(text: str, match: str) -> None:
    with pytest.raises(NotVerified, match=match):
        VerifierKey.parse(text)


# Key files


def test_a_key_pair_is_kept_in_two_files(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "keys" / "log.pem"
    public = key.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public.read_text(encoding="utf-8") == key.verifier.text() + "\n"
    assert SigningKey.load(path).sign(80, ROOT) == key.sign(80, ROOT)
    with pytest.raises(SigningKeyError, match="never overwritten"):
        key.save(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "log.pem"
    key.save(path)
    path.chmod(0o640)
    with pytest.raises(SigningKeyError, match=r"expected .*log\.pem.*0600.*got 0640"):
        SigningKey.load(path)


def test_parts_of_two_pairs_are_refused(tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "log.pem"
    public = key.save(path)
    public.write_text(SigningKey.generate(key.name).verifier.text(), encoding="utf-8")
    with pytest.raises(SigningKeyError, match="public key of another"):
        SigningKey.load(path)
    public.unlink()
    with pytest.raises(SigningKeyError, match="got no file"):
        SigningKey.load(path)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "line\nbreak"])
def test_a_key_has_a_name_that_a_note_can_hold(name: str) -> None:
    with pytest.raises(SigningKeyError, match="without spaces"):
        SigningKey.generate(name)
