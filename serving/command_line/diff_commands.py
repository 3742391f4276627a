"""The command that says why two scores differ: lingji audit diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from features.head_declaration import HeadKind
from serving.command_line import options
from serving.command_line.audit_commands import opened_reader
from serving.command_line.speech import OUT, refusing, say_json
from serving.recording.recorded_releases import NoSuchScore, RecordedReleases
from serving.recording.recorded_side import recorded_side
from serving.recording.score_difference import Moved, ScoreDifference, Step, score_difference

if TYPE_CHECKING:
    from serving.records.log_reader import LogReader
    from serving.records.log_reading import StoredRecord

_WORDS = {
    "data": ("申报与核实数据", "data"),
    "group": ("对照组", "comparison group"),
    "rules": ("规则与阈值", "rules and thresholds"),
    "standards": ("指标口径", "definitions of the indicators"),
    "model": ("模型", "model"),
    "nothing": ("无变化", "nothing moved"),
    "grade": ("等级", "grade"),
    "base": ("基准值", "base"),
    "whole": ("合计", "in all"),
}


@refusing
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="The id of a score record.")],
    second: Annotated[
        str,
        typer.Argument(metavar="B", help="Another, or the number of a version to score A with."),
    ],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the words.")] = "zh",
    records: options.Records = None,
    home: options.Home = options.DEFAULT_HOME,
    as_json: options.AsJson = False,
) -> None:
    """Say why two scores differ: data, group, rules, definitions or model, adding up exactly."""
    with opened_reader(records, home) as log:
        one = _score(log, first)
        version = int(second) if second.isdecimal() else None
        other = one if version is not None else _score(log, second)
    releases = RecordedReleases(home)
    found = score_difference(recorded_side(one, releases), recorded_side(other, releases, version))
    if as_json:
        say_json({"a": first, "b": second} | found.as_json())
        return
    _say(found, lang)


def _score(log: LogReader, record_id: str) -> StoredRecord:
    stored = log.record(record_id)
    if stored is None:
        raise NoSuchScore(f"expected the id of a score record; got {record_id}, which is none")
    return stored


def _say(found: ScoreDifference, lang: str) -> None:
    for number, step in enumerate(found.steps, start=1):
        nothing = f": {_word('nothing', lang)}" if step.nothing else ""
        OUT.print(f"{number}. {_word(step.name, lang)}{nothing}")
        if not step.nothing:
            _say_step(step, found, lang)
    OUT.print(f"{_word('whole', lang)}:")
    for name in found.heads:
        before, after = found.first.heads[name], found.last.heads[name]
        OUT.print(f"   {_head(found, name, lang)}: {_change(Moved(name, before, after, {}))}")


def _say_step(step: Step, found: ScoreDifference, lang: str) -> None:
    catalogue = found.first.model.catalogue
    for name, (before, after) in step.changed.items():
        label = catalogue.by_name[name].label.of(lang)
        OUT.print(f"   {label} ({name}): {_told(before)} → {_told(after)}")
    grades = [None if each is None else each.grade for each in step.standing]
    if grades[0] != grades[1]:
        OUT.print(f"   {_word('grade', lang)}: {grades[0]} → {grades[1]}")
    for name, moved in step.heads.items():
        if moved.before.value == moved.after.value and moved.before.base == moved.after.base:
            continue
        OUT.print(f"   {_head(found, name, lang)}: {_change(moved)}")
        if moved.before.base != moved.after.base:
            bases = f"{moved.before.base} → {moved.after.base}"
            OUT.print(f"      {_word('base', lang)}: {bases}")
        for part in moved.as_json()["indicators"]:
            indicator, amount = part.values()
            sign = f"×{amount:g}" if moved.kind is HeadKind.AMOUNT else f"{amount:+g}"
            OUT.print(f"      {catalogue.by_name[indicator].label.of(lang)} ({indicator}): {sign}")


def _change(moved: Moved) -> str:
    both = f"{moved.before.value} → {moved.after.value}"
    if moved.kind is HeadKind.AMOUNT:
        return f"{both} (×{float(moved.factor):.4f})"
    return f"{both} ({moved.change:+})"


def _head(found: ScoreDifference, name: str, lang: str) -> str:
    return found.first.heads[name].declaration.label.of(lang)


def _word(name: str, lang: str) -> str:
    return _WORDS[name][lang == "en"]


def _told(value: Any) -> str:
    return "—" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
