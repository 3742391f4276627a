# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 历年的覆盖率与校准 · Coverage and calibration over the years
#
# **说80%的区间，年年都有八成落在里面吗？说三成风险，真的十个里有三个吗？** 站在过去每一年，用当时已有的数据训练，预测下一年，再和后来的结果对照。
#
# **Do ranges of 80 % hold eight in ten, every year? Is a risk of 30 % three in ten?** Standing in each past year, with the
# data there were then, the next one is forecast and held against what came.

# %%
import os

import pandas as pd
from IPython.display import SVG

from training.example_data import example_data
from training.figures import calibration_figure, coverage_figure
from training.growing import TreeSettings
from training.rolling_evaluation import rolling_evaluation
from training.split import TimeSplit
from training.train import TrainingSettings

data = example_data(os.environ.get("LINGJI_JAPAN_REVIEW"))
trees = TreeSettings(trees=60, leaves=7, learning_rate=0.1)
settings = TrainingSettings(TimeSplit.of(data.years), trees)

# %% [markdown]
# ## 逐年预测 · Round after round

# %%
rounds = rolling_evaluation(data, settings, rounds=3)
by_head = {
    name: {year: found[name] for year, found in rounds.items() if name in found}
    for name in next(iter(rounds.values()))
}
for name, years in by_head.items():
    print(name, *years)

# %% [markdown]
# ## 区间是否说到做到 · Do ranges hold what they promise?
#
# 浅色带是偶然误差允许的范围（99%），横线是所示水平。红点在带外：低于为说大话，高于为过宽。
# The pale band is what chance allows (99 %), the line the level shown. A red dot is outside: below, it promised too
# much; above, it is wider than need be.

# %%
kinds = {data.catalogue.head(name).kind.value: name for name in by_head}
SVG(coverage_figure(by_head[kinds["amount"]]))

# %% [markdown]
# ### 政策变了的那一年 · The year in which policy changed
#
# 虚构省份自2023年起改变优先次序：按旧年度训练的模型当年偏低，区间没有达到所示水平；学到新年度之后恢复。
# From 2023 on the invented province has other priorities: a model of older rounds is too low that year and its ranges miss
# their level; once it has learned from the new rounds they hold again.

# %%
SVG(coverage_figure(by_head[kinds["score"]]))

# %% [markdown]
# ## 概率是否可信 · Are probabilities what they say?
#
# 每条线为一个年度，深色为最近。贴着灰线为准；比它平为夸大。
# A line for each round, the darkest the latest. On the grey line it is true; flatter than it exaggerates.

# %%
risk = next(
    n for n, years in by_head.items() if years[max(years)].declaration.kind == "probability"
)
SVG(calibration_figure(by_head[risk]))

# %% [markdown]
# ## 合起来看 · In numbers
#
# 三个年度不多：都在带内，也不能断定明年如何；有一年在带外，那一年就是说了大话。各年度差异大时，区间应放宽（目录中的 `new_round_confidence`，合理成本已用）。
# Three rounds are few: all inside their bands do not tell what next year brings, and one outside was overstated. Where rounds
# differ much, ranges are widened (`new_round_confidence` in the catalogue; reasonable cost has it).

# %%
worth = pd.DataFrame(
    {
        (name, year): {m: found.metrics.get(m) for m in ("n", "coverage", "in_band", "brier")}
        for name, years in by_head.items()
        for year, found in years.items()
    }
).T
worth.round(3).astype(object).where(worth.notna(), "")
