"""The page that reports a comparison, in Markdown: what it says of results follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.markdown import item, paragraph, table
from benchmarks.model_comparison.ours import LINGJI, OTHER_WAY
from benchmarks.model_comparison.rules import rules
from benchmarks.model_comparison.sizes import Sizes
from benchmarks.model_comparison.standings import Contest, Standing, Verdict
from benchmarks.model_comparison.worlds import JAPAN, PROVINCE

PICTURE = "pictures/model-comparison.svg"
_TITLES = {PROVINCE: "The invented province", JAPAN: "Japan's programme reviews"}
_WORDS = {
    "rmse": "RMSE, points",
    "spearman": "Spearman",
    "coverage": "range holds",
    "width": "width, points",
    "pinball": "pinball loss",
    "mean_abs_log_error": "error of the log",
    "log_width": "log width",
    "brier": "Brier",
    "auc": "AUC",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
}
_SHARES = ("coverage",)


@dataclass(frozen=True)
class Compared:
    """Everything that the page tells.

    contests: by catalogue. absent: contestants that are not installed, and why.
    """

    sizes: Sizes
    machine: str
    contests: Mapping[str, Sequence[Contest]]
    absent: Mapping[str, str]
    rivals: Sequence[str]


def page(found: Compared) -> str:
    """The whole page."""
    return "\n".join(_page(found)) + "\n"


def _page(found: Compared) -> Iterator[str]:
    yield "# The recipe beside others"
    yield ""
    yield from paragraph(
        "This page is written by a command. Do not edit it; run the command again (last section). "
        "It compares the project's recipe with other ways to learn the same heads from the same "
        "indicators, rows and targets, on later projects that none of them has seen."
    )
    yield ""
    yield "## Verdict"
    yield ""
    yield from paragraph(_verdict(found))
    yield ""
    yield from table(("head", "Lingji", "best", "best beside Lingji"), list(_heads(found)))
    yield ""
    yield f"![How far each contestant lies from Lingji]({PICTURE})"
    yield ""
    yield "## How it is compared"
    yield ""
    for line in rules(found.sizes, JAPAN in found.contests, found.absent):
        yield from item(line)
    for catalogue, contests in found.contests.items():
        yield ""
        yield f"## {_title(catalogue)} (`{catalogue}`)"
        for contest in contests:
            yield ""
            yield from _contest(contest)
    yield ""
    yield "## Additive by dimension, or free interactions"
    yield ""
    yield from paragraph(
        "A head that the catalogue declares `additive_by_dimension` lets indicators act together "
        "only within their dimension ([decision 28](decisions/"
        "0028-necessity-is-additive-by-dimension.md)). How much larger the loss is in the other "
        "way than in the declared one:"
    )
    yield ""
    yield from table(("head", "declared", "the other way"), list(_other_ways(found)))
    yield ""
    yield "## Time"
    yield ""
    yield from paragraph(
        "Seconds of the processor for one fit of a head on one thread, averaged over origins and "
        "seeds, without the search for settings. A fit of an amount is four, or one where the "
        "ends lie a constant distance from the mean."
    )
    for catalogue, contests in found.contests.items():
        yield ""
        yield from _times(_title(catalogue), contests)
    yield ""
    yield f"Machine: {found.machine}."
    yield ""
    yield "## Again"
    yield ""
    yield "```sh"
    yield "make compare JAPAN_REVIEW=sheets_2015_2019.parquet"
    yield "```"
    yield ""
    yield from paragraph(
        "or `python -m benchmarks.model_comparison --japan-review …`. XGBoost, CatBoost and "
        "interpret are in `requirements-bench.lock` only; nothing that ships needs them. A run "
        "that was interrupted goes on where it stopped; `--afresh` begins anew, `--quick` compares "
        "little, to see that it runs."
    )


def _title(catalogue: str) -> str:
    return _TITLES.get(catalogue, catalogue)


def _verdict(found: Compared) -> str:
    counts = Counter(
        contest.verdict(name)
        for contests in found.contests.values()
        for contest in contests
        for name in found.rivals
        if name in contest.standings
    )
    heads = sum(len(contests) for contests in found.contests.values())
    better = [
        f"{name} on {contest.declaration.name} ({_apart(contest, name)})"
        for contests in found.contests.values()
        for contest in contests
        for name in found.rivals
        if name in contest.standings and contest.verdict(name) is Verdict.BETTER
    ]
    told = (
        f"**{heads} heads, {counts.total()} comparisons with other methods: in "
        f"{counts[Verdict.WORSE]} the other's loss is larger than Lingji's beyond chance, in "
        f"{counts[Verdict.LEVEL]} there is no difference beyond chance, in "
        f"{counts[Verdict.BETTER]} the other is better beyond chance.**"
    )
    return f"{told} Better than Lingji: {'; '.join(better) if better else 'none'}."


def _heads(found: Compared) -> Iterator[tuple[str, str, str, str]]:
    for contests in found.contests.values():
        for contest in contests:
            main = contest.main.name
            names = [n for n in found.rivals if n in contest.standings]
            best = min(names, key=lambda n: contest.standings[n][main].value)
            yield (
                f"{contest.declaration.name} ({_WORDS[main]})",
                f"{contest.standings[LINGJI][main].value:.4g}",
                f"{best}: {contest.standings[best][main].value:.4g}",
                f"{_apart(contest, best)}, {_said(contest.verdict(best))}",
            )


def _other_ways(found: Compared) -> Iterator[tuple[str, str, str]]:
    for contests in found.contests.values():
        for contest in contests:
            if OTHER_WAY not in contest.standings:
                continue
            additive = contest.declaration.additive_by_dimension
            declared = "additive by dimension" if additive else "free interactions"
            told = f"{_apart(contest, OTHER_WAY)}, {_said(contest.verdict(OTHER_WAY))}"
            yield contest.declaration.name, declared, told


def _said(verdict: Verdict) -> str:
    return {
        Verdict.LEVEL: "no difference beyond chance",
        Verdict.BETTER: "**better**",
        Verdict.WORSE: "worse",
    }[verdict]


def _apart(contest: Contest, name: str) -> str:
    standing = contest.standings[name][contest.main.name]
    if standing.interval is None:
        return f"{standing.apart:+.1%}"
    low, high = standing.interval
    return f"{standing.apart:+.1%} [{low:+.1%}, {high:+.1%}]"


def _contest(contest: Contest) -> Iterator[str]:
    head, main = contest.declaration, contest.main.name
    yield f"### {head.label.en} (`{head.name}`)"
    yield ""
    yield from paragraph(
        f"{contest.tested:,} tested projects of {contest.clusters} departments, over "
        f"{len(contest.origins)} origin{'' if len(contest.origins) == 1 else 's'}."
    )
    yield ""
    beside = [metric.name for metric in contest.measures[1:]]
    header = ("", _WORDS[main], "beside Lingji", "luck", *(_WORDS[name] for name in beside))
    rows = []
    for name, standings in contest.standings.items():
        verdict = contest.verdict(name)
        plain = name == LINGJI
        rows.append(
            (
                f"**{name}**" if plain else name,
                f"{standings[main].value:.4g}",
                "" if plain else _marked(_apart(contest, name), verdict),
                _luck(standings[main]),
                *(_beside(each, standings[each], plain) for each in beside),
            )
        )
    yield from table(header, rows)


def _marked(told: str, verdict: Verdict) -> str:
    return f"**{told}**" if verdict is Verdict.BETTER else told


def _luck(standing: Standing) -> str:
    return "–" if standing.luck != standing.luck else f"{standing.luck:.2g}"


def _beside(measure: str, standing: Standing, plain: bool) -> str:
    if standing.value != standing.value:
        return "–"
    if measure in _SHARES:
        return f"{standing.value:.1%}"
    told = f"{standing.value:.3f}"
    if plain or standing.interval is None or measure not in ("spearman", "auc", "log_loss"):
        return told
    reach = (standing.interval[1] - standing.interval[0]) / 2
    return f"{told} ({standing.apart:+.3f} ± {reach:.3f})"


def _times(title: str, contests: Sequence[Contest]) -> Iterator[str]:
    names = list(contests[0].standings) if contests else []
    rows = [
        (name, *(_seconds(contest, name) for contest in contests if name in contest.seconds))
        for name in names
    ]
    yield from table((title, *(c.declaration.name for c in contests)), rows)


def _seconds(contest: Contest, name: str) -> str:
    return f"{contest.seconds[name]:.2g}"
