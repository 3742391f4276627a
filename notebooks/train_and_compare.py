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
# # 训练与比较 · Train and compare
#
# **换一种训练办法，是真的更好，还是碰巧？** 用同一批数据训练两个模型，在双方都没有见过的年度上逐项目比较。
#
# **Is another recipe really better, or was it chance?** Two models of the same data, compared project by project on a
# round that neither has seen.

# %%
import os

import pandas as pd
from IPython.display import SVG

from training.evaluation import evaluate
from training.example_data import example_data
from training.figures import differences_figure, ranges_figure
from training.growing import TreeSettings
from training.rehearsal import rehearse
from training.split import TimeSplit
from training.train import TrainingSettings

data = example_data(os.environ.get("LINGJI_JAPAN_REVIEW"))
split = TimeSplit.of(data.years)
print(f"learn until {split.fit_until}, calibrate until {split.calibrate_until}, test on the rest")

# %% [markdown]
# ## 两种办法 · Two recipes
#
# 年度按先后划分：较早的学习，倒数第二个校准，最后一个只用来检验。没有足够结果的预测头不学，并写明原因。
# Rounds are split in time: older ones teach, the last but one calibrates, the last tests only. A head without enough
# outcomes is left out, with the reason.

# %%
few, many = (TreeSettings(trees=trees, leaves=7, learning_rate=0.1) for trees in (15, 80))
both = rehearse(data, TrainingSettings(split, few), TrainingSettings(split, many))
print(*both.challenger.facts.left_out.values(), sep="\n")

# %% [markdown]
# ## 更好，还是碰巧 · Better, or chance?
#
# 线段为差值的95%区间，按部门成组重抽样。跨过零线（灰色）就不能说有差别；不同预测头不求平均。
# The lines are 95 % intervals of the difference, drawn by whole departments. One that crosses nought (grey) says
# nothing; there is no average over heads.

# %%
SVG(differences_figure(both.comparison, data.catalogue))

# %% [markdown]
# ## 同一批项目会怎样变 · What changes for the same projects
#
# 平均误差小一点，也可能让很多项目换了等级。
# A smaller error on average may still give many projects another grade.

# %%
same = both.comparison.same_projects
print(
    f"{same.projects} projects: {same.grade_flips:.1%} other grades, "
    f"rank correlation {same.rank_correlation:.3f}, {same.changed_top_reasons:.1%} other reasons"
)

# %% [markdown]
# ## 效果 · What the second is worth
#
# 概率类要小于旁边的常数（`brier_constant`）；区间应覆盖所示比例，偶然误差范围为 `band_low` 至 `band_high`。
# A probability's Brier score should be below the constant's; a range should hold its level, give or take `band_low` to
# `band_high`.

# %%
test = data.where(split.test(data.years))
evaluation = evaluate(both.challenger, test)
worth = pd.DataFrame({name: found.metrics for name, found in evaluation.items()})
worth.round(3).astype(object).where(worth.notna(), "")

# %% [markdown]
# ## 区间 · Ranges
#
# 灰色为合理成本区间，蓝点在内，红点在外。
# Grey: the range of reasonable cost; blue outcomes are inside, red ones outside.

# %%
amount = next(found for found in evaluation.values() if found.declaration.kind == "amount")
SVG(ranges_figure(amount))

# %% [markdown]
# ## 从零评审，与申报方无关 · From zero, whoever declares
#
# 互换申报方、申报金额、上年预算后的最大变化；从零评审的预测头应全为零。
# The greatest change when who declares, the request or last year's budget is swapped; nought for heads that judge from
# zero.

# %%
effects = both.comparison.effects
pd.DataFrame({"zero base": effects.zero_base, "identity": effects.identity["declarer"]}).round(3)
