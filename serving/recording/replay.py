"""Replay: recorded answers are made again, and compared with what the records say, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from features.catalogue import Catalogue
from features.declared_project import DeclaredProject, parse_project
from features.errors import FormError, LingjiError, ProjectError, RuleError
from features.project_document import joined_document
from models.appraised_project import AppraisedProject, appraised_project
from models.pilots import Pilots
from models.registry import Registry, Release
from serving.recording.check_record import CHECK, CHECK_FORMAT
from serving.recording.checked_again import RESULTS, checked_again
from serving.recording.kept_answer import core_of, recorded_cores
from serving.recording.kept_rulers import RULER
from serving.recording.kept_rules import KeptRules
from serving.recording.replay_difference import (
    Difference,
    result_differences,
    short,
    word_differences,
)
from serving.recording.score_record import (
    SCORE_FORMAT,
    SCORES,
    answer_said,
    computed,
)
from serving.records.log_reading import StoredRecord
from serving.records.receipt import in_base64
from serving.records.verification import leaf_hash
from serving.wording.explained_score import Json, told
from serving.wording.own_answer import own_answer
from serving.wording.row_said import FORM as ROW
from serving.wording.row_said import row_said

REPLAYED = (*SCORES, CHECK)
"""The kinds of record that can be made again."""
_ILLEGIBLE = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""How reading a record fails that was damaged: nothing of its content can be taken for granted."""


@dataclass(frozen=True)
class Replayed:
    """A record's replay: without differences it is the same, bit for bit."""

    record_id: str
    leaf_index: int
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def outcome(self) -> str:
        """`same`, `differs`, or `cannot` where only what is needed is not here."""
        if self.same:
            return "same"
        return "cannot" if all(each.absent for each in self.differences) else "differs"

    def as_json(self) -> Json:
        """The replay for machines."""
        return {
            "record_id": self.record_id,
            "leaf_index": self.leaf_index,
            "same": self.same,
            "outcome": self.outcome,
            "differences": [vars(found) for found in self.differences],
        }


class Replay:
    """Replays records with what a working folder keeps: versions of models, each loaded once,
    rules and standards."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._rules = KeptRules(home)
        self._releases: dict[tuple[str, int], Release | Difference] = {}
        self._catalogues: dict[str, Catalogue | None] = {}

    def replayed(
        self,
        records: Sequence[tuple[StoredRecord, bytes]],
        kept: Sequence[tuple[int, bytes]] = (),
    ) -> list[Replayed]:
        """The replays of records of scores and checks, in their order.

        Args:
            records: each with the hash that the tree has for it.
            kept: answers that would be given again, as `LogReader.kept_answers` has them; each must
                be what its records say was answered.
        """
        started = [_Started(record, hashed) for record, hashed in records]
        again = dict(_by_place(kept))
        for one in started:
            with one.legible():
                one.compare_kept(again.get(one.record.leaf_index))
        by_model: dict[tuple[str, int], list[_Started]] = {}
        for one in started:
            with one.legible():
                if one.record.kind == CHECK:
                    self._check(one)
                    continue
                release = self._release(one)
                if release is not None and one.read(release.model.catalogue):
                    one.release = release
                    by_model.setdefault(one.model, []).append(one)
        for some in by_model.values():
            release = some[0].release
            prediction = release.model.predict([one.project for one in some])
            for row, one in enumerate(some):
                with one.legible():
                    checks = one.release.checks
                    one.compare(appraised_project(release.model, prediction, row, checks))
        return [one.ended() for one in started]

    def _release(self, one: _Started) -> Release | None:
        """The version that a record names, when it is here and is the same."""
        named = one.content.get("model")
        if one.content.get("format") != SCORE_FORMAT or not isinstance(named, dict):
            one.differs("record", "format", str(one.content.get("format")), str(SCORE_FORMAT))
            return None
        one.model = named["catalogue"].partition("@")[0], named["version"]
        found = self._version(*one.model)
        if isinstance(found, Difference):
            one.differences.append(found)
            return None
        if found.version.digest != named["digest"]:
            one.differs("model", "digest", named["digest"], found.version.digest)
            return None
        if named.get("reviewed", False) and not self._reviewed(one.model[0], found, named):
            one.differs("model", "reviewed", "with an approval", "no approval that holds")
        try:
            return self._rules.as_then(found, one.content)
        except (RuleError, FormError) as error:
            self._nothing_to_check_by(one, error)
            return None

    def _check(self, one: _Started) -> None:
        """Check a project again by the catalogue, the rules and the standards of its record."""
        if one.content.get("format") != CHECK_FORMAT:
            one.differs("record", "format", str(one.content.get("format")), str(CHECK_FORMAT))
            return
        named, digest = one.content["catalogue"], one.content["catalogue_digest"]
        catalogue = self._catalogue(named.partition("@")[0], digest)
        if catalogue is None:
            one.differs("catalogue", named, short(digest), "none of it here", absent=True)
            return
        if not one.read(catalogue):
            return
        try:
            checks = self._rules.named(one.content.get("checks"), catalogue)
        except (RuleError, FormError) as error:
            self._nothing_to_check_by(one, error)
            return
        one.compare_check(*checked_again(one.project, checks, catalogue, one.content["said"]))

    def _nothing_to_check_by(self, one: _Started, error: LingjiError) -> None:
        """Note that rules, what they compare with or a ruler are not here as they were."""
        if isinstance(error, RuleError) and error.subject == RULER:
            by = str(one.content["dimensions"][RULER])
            one.differs(RULER, "digest", by, str(error), absent=not self._rules.has_ruler(by))
            return
        digest = str(one.content["checks"]["rules"])
        kept = self._rules.has(digest)
        absent = isinstance(error, RuleError) and (not kept or self._rules.is_whole(digest))
        one.differs("rules", "digest", digest, str(error), absent=absent)

    def _catalogue(self, name: str, digest: str) -> Catalogue | None:
        """The catalogue of a digest, as a version that is registered here has it."""
        if digest not in self._catalogues:
            self._catalogues[digest] = next(
                (each for each in self._known(name) if f"sha256:{each.digest}" == digest), None
            )
        return self._catalogues[digest]

    def _known(self, name: str) -> Iterator[Catalogue]:
        for version in reversed(Registry(self._home, name).versions()):
            found = self._version(name, version.number)
            if isinstance(found, Release):
                yield found.model.catalogue

    def _reviewed(self, catalogue: str, found: Release, named: Mapping[str, Any]) -> bool:
        """Whether an approval let the version answer: its release's, or its pilot's."""
        if found.reviewed or "pilot" not in named:
            return found.reviewed
        pilots = Pilots(Registry(self._home, catalogue))
        return pilots.allowed(str(named["pilot"]), found.version)

    def _version(self, catalogue: str, version: int) -> Release | Difference:
        key = (catalogue, version)
        if key not in self._releases:
            self._releases[key] = self._loaded(*key)
        return self._releases[key]

    def _loaded(self, catalogue: str, version: int) -> Release | Difference:
        registry = Registry(self._home, catalogue)
        try:
            return registry.release(version)
        except LingjiError as error:
            name = f"version {version} of {catalogue}"
            absent = version not in [each.number for each in registry.versions()]
            return Difference("model", name, "in service", f"not usable: {error}", absent=absent)


class _Started:
    """A record while it is replayed."""

    release: Release
    project: DeclaredProject

    def __init__(self, record: StoredRecord, hashed: bytes) -> None:
        self.record = record
        self.model = ("", 0)
        self.differences: list[Difference] = []
        self.content: Json = {}
        found = leaf_hash(record.leaf)
        if found != hashed:
            self.differs("record", "leaf", hashed.hex()[:16] or "nothing", found.hex()[:16])
        try:
            self.leaf: Json = json.loads(record.leaf)
            content = self.leaf["content"]
            self.content = content if isinstance(content, dict) else {}
        except (ValueError, KeyError, TypeError):
            self.differs("record", "leaf", "a record in JSON", "another thing")

    @contextmanager
    def legible(self) -> Iterator[None]:
        """Note that the record is not what its kind is, where what is done with it fails."""
        try:
            yield
        except _ILLEGIBLE as error:
            missing = f"one in which something is not: {type(error).__name__}"
            self.differs("record", "content", "the content of such a record", missing)

    def differs(
        self, part: str, name: str, recorded: str, found: str, *, absent: bool = False
    ) -> None:
        self.differences.append(Difference(part, name, recorded, found, absent=absent))

    def read(self, catalogue: Catalogue) -> bool:
        """Whether the input could be read again."""
        erased = self.record.erased
        document = joined_document(self.content["document"], self._personal())
        try:
            self.project = parse_project(document, catalogue)
        except ProjectError as error:
            for fault in error.faults:
                gone = any(name.endswith(fault.field or "-") for name in erased)
                got = "nothing: it was erased" if gone else "what the catalogue refuses"
                self.differs("input", fault.field or "project", fault.expected, got, absent=gone)
            return False
        if self.project.project_id != self.leaf["project_id"] and len(self.project.project_id) < 99:
            self.differs("input", "project_id", self.leaf["project_id"], self.project.project_id)
        return True

    def _personal(self) -> Json:
        """The personal values that are there; each as its leaf commits to it."""
        personal: Json = {}
        for name in self.record.damaged:
            self.differs("input", name, "the sealed value", "bytes that its key does not open")
        for name, kept in self.record.private.items():
            if kept is None:
                continue
            committed = self.leaf["private"].get(name, "")
            if in_base64(kept.commitment) != committed:
                self.differs("input", name, "the committed value", "another value")
            personal[name] = json.loads(kept.value)
        return personal

    def compare(self, appraised: AppraisedProject) -> None:
        """Note everything in which the recomputed answer differs from the recorded one."""
        model = self.release.model
        found = computed(model, appraised)
        for difference in result_differences(self.content, found, model):
            self.differences.append(difference)
        said = self.content["said"]
        self.differences += word_differences(said, said_again(self.release, appraised, said))

    def compare_check(self, found: Json, core: bytes) -> None:
        """Note everything in which a check made again differs from the recorded one."""
        for name in RESULTS:
            old, new = self.content.get(name), found.get(name)
            if old != new:
                self.differs("result", name, repr(old), repr(new))
        said, again = self.content["said"]["sha256"], sha256(core).hexdigest()
        if said != again:
            self.differs("words", "answer", short(said), short(again))

    def compare_kept(self, kept: tuple[str, bytes] | None) -> None:
        """Note in what the answer that is kept differs from the one that the record has seen."""
        if kept is None:
            return
        record_id, core = kept
        if record_id != self.record.record_id:
            self.differs("answer", "record_id", self.record.record_id, record_id)
        said = self.content.get("said", {}).get("sha256")
        found = sha256(core).hexdigest()
        if said != found:
            self.differs("answer", "kept", short(said), short(found))

    def ended(self) -> Replayed:
        return Replayed(self.record.record_id, self.record.leaf_index, tuple(self.differences))


def _by_place(kept: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, tuple[str, bytes]]]:
    """What is kept of each record's answer, by the record's place in the log."""
    for first, answer in kept:
        yield from enumerate(recorded_cores(answer), start=first)


def said_again(release: Release, appraised: AppraisedProject, said: Mapping[str, Any]) -> Json:
    """What is said of a project today, in the form in which it was said then."""
    if said["form"] == ROW:
        return row_said(release, appraised, said["row"])
    answer = told(release, appraised)
    answer = own_answer(answer) if said["withheld"] else answer
    return answer_said(core_of(answer), answer, said["withheld"])
