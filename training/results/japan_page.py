"""The page on the Japanese reviews: every figure comes from the measured results."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from training.results.japan_floors import COVERAGE, FLOORS, RAW_COVERAGE
from training.results.japan_page_amount import amount_section, grade_section
from training.results.japan_page_probability import probability_section
from training.results.japan_pictures import calibration_lines, coverage_lines
from training.results.japan_probability import ProbabilityResult
from training.results.japan_results import JapanResults
from training.results.japan_verdict import verdicts
from training.results.markdown import count, figure, percent, table, yes

PICTURES: Mapping[str, Callable[[JapanResults], str]] = {
    "japan-review-calibration.svg": lambda results: calibration_lines(results.probabilities),
    "japan-review-coverage.svg": lambda results: coverage_lines(results.amount, results.level),
}


def japan_page(results: JapanResults) -> str:
    """The page as Markdown."""
    sections = (
        _HEAD,
        _verdict(results),
        _method(results),
        probability_section(results.probabilities),
        amount_section(results.amount),
        grade_section(results.grade),
        _limits(results),
        _CHOICES,
    )
    return "\n\n".join(sections) + "\n"


_HEAD = """# Results on real data: Japan's annual programme reviews

This page is written by a command. Do not edit it; run the command again (last section).

Real sheets, real outcomes. Every national programme of Japan is justified again each year; the
finance ministry then decides. The model learns from older sheets. It is tested on a newer round
that it has not learned from. Ministry, bureau, division and programme number are inputs of no
head. Beside each figure stands what a sceptic would ask for: a floor, a simple rule, the error."""


def _verdict(results: JapanResults) -> str:
    found = verdicts(results)
    missed = [verdict.promise for verdict in found if not verdict.holds]
    rows = [(v.promise, v.measured, v.floor, yes(v.holds)) for v in found]
    sums = f"{len(found) - len(missed)} of {len(found)} hold."
    if missed:
        sums += f" Not reached: {'; '.join(missed)}."
    return f"""## Verdict

The floor is what plain LightGBM reaches on the same split, as the data's own description reports
it. Higher is better for AUC, lower for Brier score and pinball loss.

{table(("promise", "measured", "floor", "holds"), rows)}

{sums}"""


def _method(results: JapanResults) -> str:
    rounds = list(results.sheets)
    rows = [
        (str(year), count(number), *(percent(results.shares[h][year]) for h in results.shares))
        for year, number in results.sheets.items()
    ]
    software = ", ".join(f"{name} {version}" for name, version in results.software.items())
    return f"""## What was done

| | |
|---|---|
| learned from | sheets of {rounds[0]}–{rounds[-3]} |
| calibrated on | sheets of {rounds[-2]} |
| tested on | sheets of {rounds[-1]}, whose money was spent in fiscal {rounds[-1] + 1} |
| data | {results.digest} |
| sheets | {count(sum(results.sheets.values()))}; {results.left_out} could not be read |
| trees | {results.settings} |
| software | {software} |

Share of sheets with each outcome, by round of the sheet:

{table(("round", "sheets", *results.shares), rows)}

The tested round differs from all before it: look at the last row."""


def _limits(results: JapanResults) -> str:
    by_head = {one.head: one for one in results.probabilities}
    last, before = list(results.sheets)[-1], list(results.sheets)[-2]
    low, outcome = by_head["low_execution"], by_head["low_outcome"]
    amount = results.amount
    unspent = amount.n - amount.n_spent
    floor = FLOORS["low_outcome"].unseen

    def jump(head: str) -> str:
        shares = results.shares[head]
        return f"{percent(shares[before])} → {percent(shares[last])}"

    def too_little(one: ProbabilityResult) -> str:
        return percent(one.positive - one.after.mean)

    return f"""## What cannot be learned from these sheets

- **The jump of fiscal {last + 1}.** Low execution {jump("low_execution")}, low outcome
  {jump("low_outcome")}. No earlier sheet tells of it. The model predicts {percent(low.after.mean)}
  and {percent(outcome.after.mean)} on average, too little by {too_little(low)} and
  {too_little(outcome)} of the programmes. The calibration errors are
  {percent(low.after.error)} and {percent(outcome.after.error)}; that of cut, which did not jump, is
  {percent(by_head["cut"].after.error)}. The order of programmes suffers less than the level.
- **Spending nothing at all.** {count(unspent)} of {count(amount.n)} tested programmes
  ({percent(unspent / amount.n)}) executed zero. Zero has no logarithm, so the amount head cannot
  reach it. It counts as a miss of the range: at calibration and on this page.
- **Outcomes of new programmes.** {outcome.unseen_n} programmes, {outcome.unseen_positive} of them
  below target. AUC {figure(outcome.model.unseen)} with a standard error of
  {figure(outcome.unseen_error)}; the floor is {figure(floor)}: {_against(outcome, floor)}.
  Without a history there is little to go by: texts alone give {figure(outcome.texts.unseen)} here
  and {figure(outcome.texts.total)} over all.
- **A narrow range that holds in such a year.** See the price of the allowance above."""


def _against(one: ProbabilityResult, floor: float) -> str:
    short = floor - one.model.unseen
    if short <= 0:
        return "reached"
    return "not reached, by " + (
        "less than one standard error" if short < one.unseen_error else "more than chance"
    )


_CHOICES = f"""## How each choice was made

- Indicators, directions and tree settings were chosen on forecasts of the rounds 2016, 2017 and
  2018 from the rounds before each. No round after them was used to choose.
- For low outcome on new programmes these were tried on the same forecasts and not taken, because
  none was better there: all raw money columns, all indicators of the other heads, larger and
  smaller trees, more weight on new programmes, copies of old ones without their history, and a
  model of letters added to the trees.
- The confidence of the allowance, 95 %, is a convention and was fixed before any range was compared
  with the tested round. Partial pooling of the offsets over size and delivery is the
  product's general method, the same in every catalogue.
- The tested round is not blind any more. Its raw coverage ({100 * RAW_COVERAGE:.0f} %) was known
  from the data's description, and forms of the allowance were compared on it while the product
  was built. The promise of {100 * COVERAGE[0]:.0f}–{100 * COVERAGE[1]:.0f} % was made with that
  knowledge. A later round would be the better judge.
- Within a ministry: the AUC inside each ministry, averaged by number of programmes; ministries
  whose outcomes all agree have none. The floors' exact definition is not published.
- Not seen before: the programme key is on no sheet of an earlier round.

## Again

```sh
lingji report japan_review --data sheets_2015_2019.parquet --out docs/results-japan-review.md
```

The same file and the same versions give the same page. Data: the JudgIt! project's copy of the
official sheets, CC BY 4.0; not part of this repository."""
