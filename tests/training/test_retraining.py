"""A round arrives: a challenger by the same recipe, compared on what neither model has seen."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.errors import FormError, TrainingError
from models.registry import Registry
from models.release.comparison import Comparison
from serving.command_line.program import PROGRAM
from tests.contributed import contributed, small_rows, written
from tests.models.papers.looked_up import faults, stated
from tests.rulers import catalogue_of, ruler, text_of
from tests.small_model import SMALL_TREES, small_data, small_settings
from training.cheapest_settings import price
from training.gathered_outcomes import gather
from training.growing import TreeSettings
from training.model_comparison import NO_ROUND, OUTCOMES_TO_COME, Note, compare_models
from training.outcome_store import OutcomeStore
from training.pipeline import train_and_register
from training.recipe import same_recipe
from training.retraining import Retraining, retrain
from training.split import TimeSplit
from training.tracking import QUIET, Tracking
from training.train import AMOUNT_TREES, AXIS_TREES, EVENT_TREES, TrainingSettings, train

OWN_TREES = {"risk": TreeSettings(trees=12, leaves=4, least_rows_per_leaf=20)}


@pytest.fixture(scope="module", autouse=True)
def own_environment() -> Any:
    """What tracking sets for itself must not reach other tests, nor theirs this one."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*QUIET, "MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID"):
            patch.delenv(name, raising=False)
        yield


def _new_round(store: OutcomeStore) -> OutcomeStore:
    rows = [row for row in small_rows(1_400) if row["year"] == 2024]
    store.add(written(store.root / "new.csv", rows), "bureau")
    return store


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version in service that learned from the rounds before 2024, and the round of 2024."""
    home = tmp_path_factory.mktemp("retrained")
    store = contributed(home, 1_400, lambda row: row["year"] < 2024)
    data = gather(store).data
    settings = TrainingSettings(TimeSplit.of(data.years), SMALL_TREES, OWN_TREES)
    registry, tracking = Registry(home, "small"), Tracking(home, "small")
    registry.promote(train_and_register(data, settings, registry, tracking).version.number)
    _new_round(store)
    return home


@pytest.fixture(scope="module")
def done(home: Path) -> Retraining:
    store = OutcomeStore(home, contributed(home / "other", 50).catalogue)
    return retrain(store, Registry(home, "small"), Tracking(home, "small"))


def test_the_challenger_is_registered_and_not_in_service(home: Path, done: Retraining) -> None:
    registry = Registry(home, "small")
    assert done.result.version.number == 2
    champion = registry.champion()
    assert champion is not None
    assert champion.number == 1


def test_it_is_trained_by_the_recipe_of_the_model_in_service(home: Path, done: Retraining) -> None:
    first, second = (Registry(home, "small").release(n).model.facts.recipe for n in (1, 2))
    assert (first["fit_until"], first["calibrate_until"]) == (2021, 2022)
    assert (second["fit_until"], second["calibrate_until"]) == (2022, 2023)
    assert {**first, "fit_until": 2022, "calibrate_until": 2023} == second
    assert second["heads"]["risk"]["trees"] == 12
    assert second["trees"]["trees"] == SMALL_TREES.trees != TreeSettings().trees  # control


def test_both_are_measured_on_the_round_that_neither_has_seen(done: Retraining) -> None:
    told = done.comparison
    assert told.data.rounds == (2024,)
    assert told.data.projects == 280
    assert told.champion is not None
    assert (told.challenger.version, told.champion.version) == (2, 1)
    mae = told.heads["axis"].metrics["mae"]
    assert mae.challenger == pytest.approx(done.result.evaluation["axis"].metrics["mae"])
    assert mae.difference is not None
    assert mae.low is not None
    assert mae.high is not None
    assert mae.low < mae.difference < mae.high
    assert {"type=road", "type=care"} <= told.heads["axis"].groups.keys()
    assert "asked=1e5–1e6" in told.heads["axis"].groups
    assert told.effects.zero_base == {"axis": 0.0, "second": 0.0, "cost": 0.0}
    assert told.effects.identity["declarer"]["risk"] == 0.0
    assert told.same_projects is not None
    assert told.same_projects.projects == 280
    assert done.evidence["notes"] == []


def test_the_papers_kept_with_the_run_tell_of_the_comparison_and_the_contributions(
    home: Path, done: Retraining
) -> None:
    kept = home / "mlartifacts" / done.result.version.run / "artifacts" / "papers"
    papers = {path.stem: json.loads(path.read_bytes()) for path in kept.glob("*.json")}
    assert sorted(papers) == ["algorithm_record", "data_sheet", "model_card"]
    for paper in papers.values():
        assert faults(paper, home) == []
    sources = {source["name"] for source in papers["model_card"]["sources"]}
    assert "comparison" in sources
    told = {each.where: each.fact for each in stated(papers["data_sheet"])}
    assert told["collected/contributions/0/quality"]["value"] == 1.0
    assert told["shifts/shifts/area/effect"]["evidence"][0]["source"] == "evidence"


def test_a_statement_of_the_bureau_that_cannot_be_read_stops_before_training(
    home: Path, done: Retraining, tmp_path: Path
) -> None:
    (tmp_path / "papers.yaml").write_text("owner: somebody", encoding="utf-8")
    data = small_data(done.result.model.catalogue, 50)
    registry, tracking = Registry(tmp_path, "small"), Tracking(tmp_path, "small")
    with pytest.raises(FormError, match="owner"):
        train_and_register(data, small_settings(data), registry, tracking, pytest.fail)
    assert registry.versions() == []


def test_a_model_is_never_measured_on_what_it_learned_from(home: Path, done: Retraining) -> None:
    """The one in service that has seen every round has no metrics, and nothing is compared."""
    registry = Registry(home, "small")
    data = gather(OutcomeStore(home, done.result.model.catalogue)).data
    challenger = registry.release(2).model
    champion = train(
        data, same_recipe({"trees": {"trees": 5}}, TimeSplit(2023, 2024), data.catalogue)
    )
    swaps, climbs = done.result.swaps, done.result.climbs
    found = compare_models(challenger, champion, data, swaps, climbs)
    assert found.notes == (Note.CHAMPION_SAW_ALL,)
    mae = found.heads["axis"].metrics["mae"]
    assert (mae.champion, mae.difference, mae.low) == (None, None, None)
    assert mae.challenger is not None
    both = compare_models(champion, champion, data, swaps, climbs)
    assert Note.NO_LATER_DATA in both.notes
    assert both.heads == {}
    assert both.not_compared == dict.fromkeys(("axis", "second", "cost", "risk"), NO_ROUND)


def test_a_head_whose_outcomes_are_not_known_yet_says_so(home: Path, done: Retraining) -> None:
    data = gather(OutcomeStore(home, done.result.model.catalogue)).data
    risk = data.outcomes["outcome_risk"].copy()
    risk[data.years == 2024] = float("nan")
    late = replace(data, outcomes={**data.outcomes, "outcome_risk": risk})
    models = [Registry(home, "small").release(n).model for n in (2, 1)]
    found = compare_models(models[0], models[1], late, done.result.swaps, done.result.climbs)
    assert found.heads.keys() == {"axis", "second", "cost"}
    assert found.not_compared == {"risk": OUTCOMES_TO_COME}


def test_files_and_run_hold_the_comparison_and_the_reports(home: Path, done: Retraining) -> None:
    from mlflow import MlflowClient

    assert Comparison.read(done.files["comparison"]) == done.comparison
    assert json.loads(done.files["evidence"].read_text())["worst_groups"].keys() == {
        "axis", "second", "cost", "risk",
    }  # fmt: skip
    client = MlflowClient(f"sqlite:///{home}/mlflow.db", f"sqlite:///{home}/mlflow.db")
    run = client.get_run(done.result.version.run)
    assert run.info.status == "FINISHED"
    kept = {Path(f.path).name for f in client.list_artifacts(run.info.run_id, "comparison")}
    assert kept == {"2-1.json", "2-1.evidence.json", "2-1.zh.html", "2-1.en.html"}


def test_reports_need_nothing_beside_them_and_escape_what_others_wrote(done: Retraining) -> None:
    for language in ("zh", "en"):
        page = done.files[language].read_text(encoding="utf-8")
        assert "<script" not in page
        assert "http" not in page
        assert "<svg" in page
    assert "候选模型未投入使用" in done.files["zh"].read_text(encoding="utf-8")


def test_the_same_data_again_is_said(tmp_path: Path) -> None:
    store = contributed(tmp_path, 900)
    registry, tracking = Registry(tmp_path, "small"), Tracking(tmp_path, "small")
    data = gather(store).data
    settings = TrainingSettings(TimeSplit.of(data.years), SMALL_TREES)
    registry.promote(train_and_register(data, settings, registry, tracking).version.number)
    done = retrain(store, registry, tracking)
    assert done.evidence["notes"] == [Note.SAME_DATA]
    metrics = done.comparison.heads["axis"].metrics.values()
    assert [(m.difference, m.low, m.high) for m in metrics] == [(0, 0, 0)] * len(metrics)
    assert done.comparison.same_projects is not None
    assert done.comparison.same_projects.grade_flips == 0


def test_settings_that_there_are_no_more_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"expected the settings of this version; got .*bark"):
        same_recipe({"trees": {"bark": 3}}, TimeSplit(2022, 2023), catalogue_of(ruler()))


def test_where_no_recipe_was_kept_the_usual_one_is_taken() -> None:
    split, catalogue = TimeSplit(2022, 2023), catalogue_of(ruler())
    usual = TrainingSettings.usual(split, catalogue)
    assert same_recipe({}, split, catalogue) == usual
    assert same_recipe(usual.recipe, TimeSplit(2023, 2024), catalogue).heads == usual.heads
    assert usual.of("axis") == usual.of("second") == AXIS_TREES
    assert usual.of("risk") == EVENT_TREES
    assert usual.of("cost") == AMOUNT_TREES
    assert price(AXIS_TREES) == price(TreeSettings())  # no dearer to explain
    assert price(EVENT_TREES) * 3 == price(TreeSettings())
    assert price(AMOUNT_TREES) < price(TreeSettings())


def test_the_command_line_takes_in_retrains_and_leaves_out(tmp_path: Path) -> None:
    catalogue = tmp_path / "small.yaml"
    catalogue.write_text(text_of(ruler()), encoding="utf-8")
    file = written(tmp_path / "rows.csv", small_rows(900))
    shared = ["--catalogue", str(catalogue), "--home", str(tmp_path / "home")]

    def run(*words: str) -> str:
        answer = CliRunner().invoke(PROGRAM, [*words, *shared])
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "Contribution 1" in run("outcomes", "add", str(file), "--by", "bureau")
    assert "Nothing changed" in run("outcomes", "add", str(file))
    told = run("retrain")
    assert "Nothing is in service yet" in told
    assert "1-none.zh.html" in told.replace("\n", "")
    run("outcomes", "exclude", "1", "--reason", "under review")
    assert "under review" in run("outcomes", "list")
    refused = CliRunner().invoke(PROGRAM, ["retrain", *shared])
    assert refused.exit_code == 1
    assert "lingji outcomes add" in refused.output
    run("outcomes", "include", "1", "--reason", "checked")
    listed = json.loads(run("outcomes", "list", "--json"))["contributions"]
    assert [d["excluded"] for d in listed[0]["decisions"]] == [True, False]
