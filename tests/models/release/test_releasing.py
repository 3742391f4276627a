"""Two people sign what the gates said, and only what they signed is released."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import FormError, PersonError, ReleaseAltered, ReleaseRefused
from models.approval import Approval, Status
from models.people import People, PersonKey
from models.registry import Registry
from models.release import releasing
from models.release.comparison import comparison_path
from models.trial import try_bundle
from tests.releases import CATALOGUE, TRAINER, Waiting, comparison_json, registered
from tests.small_model import small


@pytest.fixture(autouse=True)
def _tried_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles are tried in this process: the child's part is in tests/models/test_trial.py."""
    monkeypatch.setattr(releasing, "tried", try_bundle)


@pytest.fixture
def waiting(tmp_path: Path) -> Waiting:
    return Waiting.at(tmp_path)


def test_the_whole_way_ends_with_a_reviewed_release(waiting: Waiting) -> None:
    registry = waiting.registry
    assert not registry.release().reviewed
    version = waiting.challenger()
    waiting.review(version.number)
    verdicts = waiting.candidate(version.number).verdicts()
    assert [v.name for v in verdicts if v.status is Status.FAIL] == []
    waiting.approve(version.number)
    released, approval = waiting.candidate(version.number).promote("who runs it")
    assert released == version
    release = registry.release()
    assert (release.version, release.reviewed) == (version, True)
    entry = registry.releases().in_service
    assert entry is not None
    assert (entry.approval, entry.by) == (approval.file_digest, "who runs it")
    assert [s.person for s in registry.approvals.kept(approval.file_digest).signatures] == [
        "Li",
        "Wang",
    ]
    back = registry.rollback()
    assert (back.number, registry.release().reviewed) == (1, False)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["Li"], "expected 2 people to approve version 2; got 1"),
        (["Li", "Li"], "expected different people; got one name twice: Li, Li"),
        (["Li", TRAINER], "expected another person than the maker to sign"),
    ],
)
def test_too_few_people_release_nothing(waiting: Waiting, names: list[str], said: str) -> None:
    waiting.challenger()
    waiting.review(2)

    def release() -> None:
        waiting.approve(2, *names)
        waiting.candidate(2).promote()

    with pytest.raises(ReleaseRefused, match=said):
        release()
    assert not waiting.registry.release().reviewed


def test_without_a_trainer_nobody_can_tell_whether_the_approver_is_another(
    waiting: Waiting,
) -> None:
    version = registered(waiting.registry, "anonymous", trainer="")
    waiting.compare(version)
    waiting.review(2)
    with pytest.raises(ReleaseRefused, match="expected version 2 to say who trained it"):
        waiting.approve(2)


def test_one_person_under_two_names_is_one(waiting: Waiting) -> None:
    home = waiting.registry.root
    people = People.of(home).people
    same = [p.model_copy(update={"account": "account-Li"}) for p in people if p.name == "Wang"]
    People(people=(*(p for p in people if p.name != "Wang"), *same)).save(home)
    waiting.challenger()
    waiting.review(2)
    with pytest.raises(ReleaseRefused, match="expected different people; got one account twice"):
        waiting.approve(2)


def test_the_key_of_nobody_and_of_one_who_left_sign_nothing(waiting: Waiting) -> None:
    waiting.challenger()
    waiting.review(2)
    with pytest.raises(PersonError, match="expected the key of a listed person"):
        waiting.candidate(2).approve(PersonKey.generate(), {})
    home = waiting.registry.root
    People.of(home).left_by("Li", "2021-01-01T00:00:00Z").save(home)
    with pytest.raises(ReleaseRefused, match="expected a signature made while it counts; got Li's"):
        waiting.approve(2)


def test_what_somebody_signed_before_leaving_still_serves(waiting: Waiting) -> None:
    waiting.released()
    home = waiting.registry.root
    People.of(home).left_by("Li", "2099-01-01T00:00:00Z").save(home)
    assert waiting.registry.release().reviewed


def test_a_version_without_approval_is_not_released(waiting: Waiting) -> None:
    waiting.challenger()
    with pytest.raises(ReleaseRefused, match="expected an approval of version 2; got none"):
        waiting.candidate(2).promote()


def test_after_a_reviewed_release_none_goes_without_review(waiting: Waiting) -> None:
    registry = waiting.registry
    registered(registry, "other")
    registry.promote(2)  # control: what serves was not reviewed
    waiting.released("third")
    with pytest.raises(ReleaseRefused, match="since what serves has been reviewed; got none"):
        registry.promote(2)


def test_without_a_comparison_nothing_can_be_judged(waiting: Waiting) -> None:
    registered(waiting.registry, "second")
    with pytest.raises(FormError, match=r"2-1\.json: 1 fault"):
        waiting.candidate(2)


def test_a_failure_must_be_waived_by_name(waiting: Waiting) -> None:
    flagged = {"duplicates": ["P1 2024"], "impossible": [], "changed": [], "lifted": []}
    waiting.challenger(data_quality=flagged)
    waiting.review(2)
    with pytest.raises(ReleaseRefused, match="got 1 that failed: data_quality/duplicates"):
        waiting.approve(2)
    with pytest.raises(ReleaseRefused, match=r"expected a failure to waive .*; got coverage"):
        waiting.approve(2, coverage="no")
    reasons = {"data_quality/duplicates": "the same project was declared for two rounds"}
    waiting.approve(2, **reasons)
    _, approval = waiting.candidate(2).promote()
    (waiver,) = approval.statement.waivers
    assert (waiver.person, waiver.verdict) == ("Li", "data_quality/duplicates")


def test_some_failures_nobody_can_waive(waiting: Waiting) -> None:
    waiting.challenger()
    with pytest.raises(ReleaseRefused, match="got reviewed, which the policy never lets pass"):
        waiting.approve(2, reviewed="there was no time")


def test_what_changed_after_the_first_signature_is_signed_anew(waiting: Waiting) -> None:
    version = waiting.challenger()
    waiting.review(2)
    waiting.approve(2, "Li")
    same = {"grade_flips": 0.1, "rank_correlation": 0.95, "changed_top_reasons": 0.1}
    waiting.compare(version, same_projects=same | {"projects": 400})
    waiting.review(2)
    with pytest.raises(ReleaseRefused, match="changed since: comparison, review"):
        waiting.approve(2, "Wang")
    waiting.candidate(2).approve(waiting.keys["Wang"], {}, anew=True)
    waiting.approve(2, "Li")
    assert waiting.candidate(2).promote()[0] == version


def test_a_policy_changed_after_the_approval_stops_the_release(waiting: Waiting) -> None:
    waiting.challenger()
    waiting.review(2)
    waiting.approve(2)
    stricter = waiting.policy.model_copy(update={"approvers": 3})
    changed = replace(waiting, policy=stricter)
    with pytest.raises(ReleaseRefused, match="changed since: policy, approvers"):
        changed.candidate(2).promote()
    assert waiting.candidate(2).promote()  # control


def test_a_release_that_another_overtook_is_refused(waiting: Waiting) -> None:
    for created in ("second", "third"):
        version = waiting.challenger(created)
        waiting.review(version.number)
        waiting.approve(version.number)
    late = waiting.candidate(3)
    begun = late.begun()
    waiting.candidate(2).promote()
    assert begun is not None
    with pytest.raises(ReleaseRefused, match="another release came between; compare and approve"):
        waiting.registry.promote(3, begun)
    champion = waiting.registry.champion()
    assert champion is not None
    assert champion.number == 2


def test_an_approval_does_not_outlive_a_rollback(waiting: Waiting) -> None:
    """Version 1 serves again, as when version 2 was approved; that approval is spent."""
    waiting.released()
    approval = waiting.candidate_begun(2)
    waiting.registry.rollback()
    with pytest.raises(ReleaseRefused, match="another release came between"):
        waiting.registry.promote(2, approval)


def test_a_signature_covers_every_part_of_the_statement(waiting: Waiting) -> None:
    waiting.challenger()
    waiting.review(2)
    waiting.approve(2)
    approval = waiting.candidate_begun(2)
    people = People.of(waiting.registry.root)
    digest = waiting.registry.version(2).digest
    approval.require_complete(people, digest)  # control
    whole = approval.model_dump(mode="json")
    for part, other in {
        "comparison": "sha256:" + "0" * 64,
        "policy": "sha256:" + "0" * 64,
        "review": None,
        "gates": [],
        "trainer": "somebody",
        "replaces": {"releases": 0, "digest": None},
    }.items():
        forged = {**whole, "statement": {**whole["statement"], part: other}}
        altered = Approval.parse(json.dumps(forged).encode(), "forged")
        with pytest.raises(ReleaseRefused, match="got one that does not hold: what was signed"):
            altered.require_complete(people, digest)
    with pytest.raises(ReleaseRefused, match="expected an approval of the bundle sha256:000"):
        approval.require_complete(people, "sha256:" + "0" * 64)


def test_an_altered_approval_no_longer_serves(waiting: Waiting) -> None:
    waiting.released()
    registry = waiting.registry
    assert registry.release().reviewed  # control
    (path,) = (registry.folder / "approvals").glob(f"{'[0-9a-f]' * 64}.json")
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"Li"', b'"Lu"'))
    with pytest.raises(ReleaseRefused, match="unaltered; got sha256:"):
        registry.release()
    path.unlink()
    with pytest.raises(ReleaseRefused, match=r"expected the approval sha256:.* got no file"):
        registry.release()
    path.write_bytes(whole)
    People().save(registry.root)
    with pytest.raises(ReleaseRefused, match="whose key is not listed"):
        registry.release()


def test_releases_changed_by_hand_are_refused(waiting: Waiting) -> None:
    waiting.released()
    registry = waiting.registry
    path = registry.folder / "champion.json"
    whole = path.read_text(encoding="utf-8")
    kept = json.loads(whole)
    first, second = kept["releases"]
    for releases in (
        [first],
        [first, second, {**first, "way": "rollback"}],
        [first, {**second, "approval": None}],
        [{**second, "approval": None}],
        [],
    ):
        path.write_text(json.dumps({**kept, "releases": releases}), encoding="utf-8")
        with pytest.raises(ReleaseAltered, match="got another seal: it was changed by something"):
            registry.release()
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(ReleaseAltered, match="see in the record log which release was the last"):
        registry.release()
    path.write_text(whole, encoding="utf-8")
    assert registry.release().reviewed  # control


def test_another_digest_in_the_list_of_versions_is_refused(waiting: Waiting) -> None:
    registry = waiting.registry
    path = registry.folder / "versions.json"
    listed = json.loads(path.read_text(encoding="utf-8"))
    listed[0]["digest"] = "sha256:" + "0" * 64
    path.write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(ReleaseAltered, match="expected version 1 of digest"):
        registry.release()


def test_the_first_release_of_all_can_be_a_reviewed_one(tmp_path: Path) -> None:
    waiting = Waiting.at(tmp_path)
    (waiting.registry.folder / "champion.json").unlink()
    version = waiting.registry.version(1)
    waiting.compare(version)
    assert comparison_path(waiting.registry.folder, 1, None).is_file()
    waiting.review(1)
    waiting.approve(1)
    assert waiting.candidate(1).promote()[0] == version
    assert waiting.registry.release().reviewed


def test_the_tests_comparison_is_of_the_small_rulers_heads(tmp_path: Path) -> None:
    version = registered(Registry(tmp_path, CATALOGUE), "first")
    assert set(comparison_json(version, None)["heads"]) == set(small().model.heads)
