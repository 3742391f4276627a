"""A bundle is data: the same bits after loading, and nothing altered is ever parsed."""

from __future__ import annotations

import ast
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.declared_project import parse_project
from features.errors import BundleError
from models import bundle
from models.bundle import bundle_digest, load_bundle, save_bundle
from models.evaluated import Evaluated
from models.model import Model, Prediction
from tests.rulers import catalogue_of, indicator, label, ruler
from tests.small_model import small, small_data, small_settings
from training.train import train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A bundle of the small model, and its digest; not to be changed."""
    folder = tmp_path_factory.mktemp("bundles") / "one"
    return folder, save_bundle(small().model, folder)


def _copy(saved: tuple[Path, str], target: Path) -> Path:
    for path in saved[0].rglob("*"):
        if path.is_file():
            copied = target / path.relative_to(saved[0])
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(path.read_bytes())
    return target


def _bits(prediction: Prediction) -> dict[str, bytes]:
    names = ("value", "low", "high", "base", "contributions", "range_group")
    return {
        f"{head}.{name}": getattr(found, name).tobytes()
        for head, found in prediction.heads.items()
        for name in names
    }


def _equal(one: Any, other: Any) -> bool:
    """Whether two objects hold the same, arrays bit for bit."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    if hasattr(one, "__dataclass_fields__") and type(one) is type(other):
        # A kernel's program is of the trees beside it, which are compared.
        names = [n for n in one.__dataclass_fields__ if n != "_kept"]
        return all(_equal(getattr(one, n), getattr(other, n)) for n in names)
    if isinstance(one, dict):
        return list(one) == list(other) and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def test_a_model_is_the_same_after_loading(saved: tuple[Path, str]) -> None:
    again = load_bundle(*saved)
    model, projects = small().model, small().newest
    assert _equal(again, model)
    assert again.catalogue.digest == model.catalogue.digest
    assert _bits(again.predict(projects)) == _bits(model.predict(projects))
    risk = replace(model.heads["risk"], importance=model.heads["risk"].importance + 1e-9)
    moved = replace(model, heads={**model.heads, "risk": risk})
    assert not _equal(again, moved)  # control


def test_ordered_codes_keep_their_order_though_not_alphabetical(saved: tuple[Path, str]) -> None:
    again = load_bundle(*saved)
    assert list(again.catalogue.by_name["level"].codes or ()) == ["zoo", "city", "alp"]
    levels = [
        parse_project({"code": "P", "year": 2024, "level": level}, again.catalogue)
        for level in ("zoo", "city", "alp")
    ]
    axis = again.predict(levels).heads["axis"].value
    assert axis[0] < axis[1] < axis[2]


def test_saving_twice_gives_the_same_digest(saved: tuple[Path, str], tmp_path: Path) -> None:
    assert save_bundle(small().model, tmp_path / "two") == saved[1]
    assert save_bundle(load_bundle(*saved), tmp_path / "three") == saved[1]
    assert bundle_digest(tmp_path / "three") == saved[1]


def test_a_folder_that_exists_is_never_written_into(saved: tuple[Path, str]) -> None:
    with pytest.raises(FileExistsError, match="one"):
        save_bundle(small().model, saved[0])


def test_tiny_numbers_in_a_catalogue_stay_numbers(tmp_path: Path) -> None:
    raw = ruler()
    derive = {"operation": "logarithm", "of": ["area"], "options": {"plus": 0.00001}}
    raw["indicators"].append(
        indicator("size", source="derived", derive=derive, use={"risk": "free"})
    )
    raw["note"] = label("line\u2028line\x85end") | {"en": 'quote " \\ \U0001f600 tab\t'}
    data = small_data(catalogue_of(raw), 600)
    model = train(data, small_settings(data))
    save_bundle(model, tmp_path / "b")
    again = load_bundle(tmp_path / "b")
    assert again.catalogue == model.catalogue
    assert _bits(again.predict(data.projects[:9])) == _bits(model.predict(data.projects[:9]))


# Nothing is parsed before everything is verified.


class _ParsedError(AssertionError):
    """A parser was reached."""


@pytest.fixture
def no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise _ParsedError

    for place in ("Trees", "checked_catalogue", "_head", "_facts"):
        monkeypatch.setattr(bundle, place, refuse)
    monkeypatch.setattr(bundle.np, "load", refuse)


FILES = [
    "catalogue.json",
    "model.json",
    "arrays.npz",
    "trees/axis.central.txt",
    "trees/cost.low.txt",
    "trees/cost.high.txt",
]


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize("name", FILES)
def test_an_altered_byte_is_refused_before_anything_is_parsed(
    name: str, saved: tuple[Path, str], tmp_path: Path
) -> None:
    folder = _copy(saved, tmp_path / "b")
    content = (folder / name).read_bytes()
    for place in {0, len(content) // 3, len(content) - 1}:
        altered = bytearray(content)
        altered[place] ^= 1
        (folder / name).write_bytes(bytes(altered))
        with pytest.raises(BundleError, match=f"expected {name} with sha256:"):
            load_bundle(folder)
    (folder / name).write_bytes(content)
    with pytest.raises(_ParsedError):  # control: whole again, it is parsed
        load_bundle(folder)


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "trees/axis.central.txt").unlink(),
        lambda folder: (folder / "extra.txt").write_text("x"),
        lambda folder: (folder / "trees" / "more").mkdir() or
        (folder / "trees/more/extra.txt").write_text("x"),
        lambda folder: (folder / "model.json").rename(folder / "model2.json"),
    ],
)  # fmt: skip
def test_a_file_missing_or_added_is_refused(
    change: Callable[[Path], Any], saved: tuple[Path, str], tmp_path: Path
) -> None:
    folder = _copy(saved, tmp_path / "b")
    change(folder)
    with pytest.raises(BundleError, match="expected the files"):
        load_bundle(folder)


@pytest.mark.usefixtures("no_parser")
def test_a_manifest_that_agrees_with_altered_files_is_refused_by_its_digest(
    saved: tuple[Path, str], tmp_path: Path
) -> None:
    folder = _copy(saved, tmp_path / "b")
    (folder / "model.json").write_bytes(b"{}")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["model.json"] = bundle._digest(b"{}")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=f"expected a bundle of digest {saved[1]}; got sha256:"):
        load_bundle(folder, saved[1])
    with pytest.raises(_ParsedError):  # control: nobody says what was approved
        load_bundle(folder)


@pytest.mark.usefixtures("no_parser")
@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ('{"format": 0, "files": {}}', "bundle format"),
        ('{"format": 9, "files": {}}', "got 9"),
        ("not json", r"expected manifest\.json of bundle format .*got something else"),
        ("[1]", r"expected manifest\.json of bundle format .*got something else"),
        ('{"format": FORMAT}', r"expected files with their digests in manifest\.json"),
        ('{"format": FORMAT, "files": {"a": 1}}', "expected files with their digests"),
        ('{"format": FORMAT, "files": {"../../secret": "sha256:0"}}', "expected the files"),
    ],
)
def test_a_manifest_of_another_form_is_refused(
    manifest: str, told: str, saved: tuple[Path, str], tmp_path: Path
) -> None:
    folder = _copy(saved, tmp_path / "b")
    (folder / "manifest.json").write_text(manifest.replace("FORMAT", str(bundle.FORMAT)))
    with pytest.raises(BundleError, match=told):
        load_bundle(folder)


def test_no_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(
        BundleError, match=r"expected a bundle with manifest\.json; got .*; restore"
    ):
        load_bundle(tmp_path)
    with pytest.raises(BundleError, match=r"expected a bundle with manifest\.json"):
        bundle_digest(tmp_path / "nowhere")


@pytest.mark.usefixtures("no_parser")
def test_a_file_too_large_is_not_read(
    saved: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _copy(saved, tmp_path / "b")
    monkeypatch.setattr(bundle, "GREATEST_FILE", 10)
    with pytest.raises(BundleError, match="of at most 1 GiB; got a larger file"):
        load_bundle(folder)


# No pickle, in no file and in no source.


def test_no_file_of_a_bundle_holds_objects(saved: tuple[Path, str]) -> None:
    with zipfile.ZipFile(saved[0] / "arrays.npz") as archive:
        for name in archive.namelist():
            with archive.open(name) as stream:
                header = np.lib.format.read_magic(stream), stream.read(400)
            assert b"'descr': '|O'" not in header[1], name
    for path in saved[0].rglob("*"):
        if path.is_file():
            assert not path.read_bytes().startswith(b"\x80"), path  # how every pickle begins


UNSAFE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def _unsafe(source: str) -> list[str]:
    """What a source imports or calls that would make code out of data."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.partition(".")[0] in UNSAFE]
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in UNSAFE:
            found.append(str(node.module))
        if isinstance(node, ast.Call):
            told = ast.unparse(node.func)
            if told in ("eval", "exec", "compile") or told.endswith("read_pickle"):
                found.append(told)
            refusing = [k for k in node.keywords if k.arg == "allow_pickle"]
            if told == "np.load" and not any(ast.unparse(k.value) == "False" for k in refusing):
                found.append("np.load without allow_pickle=False")
            if any(ast.unparse(k.value) != "False" for k in refusing):
                found.append("allow_pickle")
    return found


@pytest.mark.parametrize("package", ["features", "models", "training", "serving"])
def test_no_source_makes_code_out_of_data(package: str) -> None:
    found = {
        str(path.relative_to(ROOT)): told
        for path in (ROOT / package).rglob("*.py")
        if (told := _unsafe(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "eval(text)",
        "pd.read_pickle(path)",
    ],
)
def test_control_the_scan_finds_what_is_unsafe(source: str) -> None:
    assert _unsafe(source)


def test_a_model_holds_only_what_the_bundle_holds() -> None:
    """A field added to the model without a place in the bundle would be lost."""
    assert set(Model.__dataclass_fields__) == {
        "catalogue",
        "vocabulary",
        "peers",
        "heads",
        "summary",
        "past",
        "facts",
        "evaluated",
        "reference",
    }


def test_what_a_version_was_worth_is_kept_with_it(tmp_path: Path) -> None:
    metrics = {"mae": 4.5, "r2": None}
    worth = Evaluated(
        (2024, 2025), 7, {"score": metrics}, {"score": {"kind=a": metrics}}, {"x": metrics}, metrics
    )
    model = replace(small().model, evaluated=worth)
    digest = save_bundle(model, tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle", digest).evaluated == worth
    assert small().model.evaluated is None, "control"
