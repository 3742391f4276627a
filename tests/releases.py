"""A registry in which a challenger waits, and the people who may approve it."""

from __future__ import annotations

import atexit
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from models.approval import Approval
from models.bundle import save_bundle
from models.people import People, Person, PersonKey, now
from models.registry import Registry, Version
from models.release.comparison import Comparison, write_comparison
from models.release.release_policy import ReleasePolicy, release_policy
from models.release.releasing import Candidate
from models.release.review import Conclusion, Review, ReviewedCases, keep_review
from tests.small_model import small

CATALOGUE = "small"
TRAINER, REVIEWER = "trainer", "Zhao"
SINCE = "2020-01-01T00:00:00Z"


@cache
def bundle_made(created: str) -> Path:
    """A bundle of the small model with golden rows; what its axis says depends on `created`."""
    model = small().model
    axis = model.heads["axis"]
    shift = sum(created.encode()) % 11
    margin = replace(axis.margin, intercept=axis.margin.intercept + shift)
    heads = {**model.heads, "axis": replace(axis, margin=margin)}
    moved = replace(model, heads=heads, facts=replace(model.facts, created=created))
    folder = Path(mkdtemp(prefix="small-bundle-")) / "bundle"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    save_bundle(moved, folder, small().newest)
    return folder


def registered(registry: Registry, created: str, trainer: str = TRAINER) -> Version:
    """A new version of the small model."""
    registry.folder.mkdir(parents=True, exist_ok=True)
    waiting = registry.root / f"waiting-{created}"
    shutil.copytree(bundle_made(created), waiting)
    return registry.register(waiting, created, "run", trainer)


def comparison_json(challenger: Version, champion: Version | None) -> dict[str, Any]:
    """A comparison of the small ruler's heads in which nothing is wrong."""

    def named(version: Version) -> dict[str, Any]:
        return {"version": version.number, "digest": version.digest, "run": version.run}

    def metric(value: float, better: str = "lower", **more: Any) -> dict[str, Any]:
        found = {"challenger": value, "n": 400, "better": better, **more}
        if champion is not None:
            before = value * (1.02 if better == "lower" else 0.98)
            found |= {"champion": before, "difference": value - before}
            found |= {"low": -0.05, "high": 0.05}
        return found

    covered = metric(0.8, "near", nominal=0.8)
    score = {"mae": metric(4.0), "r2": metric(0.7, "higher"), "coverage": covered}
    score["bias"] = metric(0.3, "near", nominal=0.0)
    amount = {"mean_abs_log_error": metric(0.2), "coverage": covered}
    risk = {"auc": metric(0.7, "higher"), "calibration_error": metric(0.02)}
    heads = {"axis": ("score", score), "second": ("score", score)}
    heads |= {"cost": ("amount", amount), "risk": ("probability", risk)}
    effects = dict.fromkeys(heads, 0.0)
    return {
        "format": 1,
        "catalogue": f"{CATALOGUE}@1",
        "made": "2025-11-03T08:00:00Z",
        "challenger": named(challenger),
        "champion": None if champion is None else named(champion),
        "data": {"digest": "sha256:data", "rounds": [2024], "projects": 400, "simulated": True},
        "heads": {
            name: {"kind": kind, "metrics": metrics, "groups": {"type=road": metrics}}
            for name, (kind, metrics) in heads.items()
        },
        "effects": {
            "zero_base": effects,
            "identity": {"declarer": effects},
            "climb": dict.fromkeys(heads, 0.01),
        },
        "same_projects": None
        if champion is None
        else {
            "grade_flips": 0.02,
            "rank_correlation": 0.98,
            "changed_top_reasons": 0.1,
            "projects": 400,
        },
        "data_quality": {"duplicates": [], "impossible": [], "changed": [], "lifted": []},
    }


def reviewed_cases(**changes: Any) -> ReviewedCases:
    """What a review rests on that the shipped policy accepts."""
    digest = f"sha256:{'a' * 64}"
    found = ReviewedCases(
        round=digest, report=digest, log_size=100, cases=40, experts=3, open_findings={}
    )
    return found.model_copy(update=changes)


@dataclass(frozen=True)
class Waiting:
    """A registry whose version 1 serves without review, and the keys of people."""

    registry: Registry
    keys: Mapping[str, PersonKey]
    policy: ReleasePolicy

    @classmethod
    def at(cls, home: Path) -> Waiting:
        registry = Registry(home, CATALOGUE)
        registered(registry, "first")
        registry.promote(1)
        keys = {name: PersonKey.generate() for name in ("Li", "Wang", REVIEWER, TRAINER)}
        people = [
            Person(name=name, account=f"account-{name}", key=key.public, since=SINCE)
            for name, key in keys.items()
        ]
        People(people=tuple(people)).save(home)
        return cls(registry, keys, release_policy(None, home))

    def challenger(self, created: str = "second", **changes: Any) -> Version:
        """A new version, compared with what serves; `changes` replace parts of the comparison."""
        version = registered(self.registry, created)
        self.compare(version, **changes)
        return version

    def compare(self, version: Version, **changes: Any) -> Comparison:
        """The comparison of a version with what serves, kept where the gates look for it."""
        raw = comparison_json(version, self.registry.champion()) | changes
        comparison = Comparison.parse(json.dumps(raw).encode(), "the test's comparison")
        write_comparison(comparison, self.registry.folder)
        return comparison

    def review(self, number: int, made: str | None = None, **changes: Any) -> None:
        """A review of a version's comparison with what serves."""
        candidate = self.candidate(number)
        review = Review(
            format=2,
            catalogue=CATALOGUE,
            version=number,
            challenger=candidate.case.version.digest,
            comparison=candidate.comparison,
            reviewers=(REVIEWER,),
            conclusion=Conclusion.APPROVE,
            comment="as good as before, and better for roads",
            made=made or now(),
            cases=reviewed_cases(),
        )
        changed = review.model_copy(update=changes)
        signed = changed.signed_by([self.keys[REVIEWER]], People.of(self.registry.root))
        keep_review(signed, self.registry.folder)

    def candidate(self, number: int) -> Candidate:
        """The version as the gates see it now."""
        return Candidate.of(self.registry, number, self.policy)

    def candidate_begun(self, number: int) -> Approval:
        """The approval of a version as it has been signed so far."""
        path = self.registry.folder / "approvals" / f"begun-{number}.json"
        return Approval.read(path)

    def approve(self, number: int, *names: str, **reasons: str) -> None:
        """Signatures of people, the first of whom waives what is to be waived."""
        for place, name in enumerate(names or ("Li", "Wang")):
            self.candidate(number).approve(self.keys[name], reasons if place == 0 else {})

    def released(self, created: str = "second") -> Version:
        """A challenger that has gone the whole way."""
        version = self.challenger(created)
        self.review(version.number)
        self.approve(version.number)
        return self.candidate(version.number).promote()[0]
