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
# # 读懂一个得分 · Read a score
#
# **这个项目为什么是这个分？** 从同类项目的平均水平出发，一条理由一条理由走到结果，每一步都加得上。
#
# **Why does this project have this score?** From the mean of similar projects to the result, reason by reason, and every
# step adds up.

# %%
import pandas as pd
from IPython.display import SVG

from models.appraised_project import appraised_project
from models.explanation import explain_heads
from training.example_data import example_data
from training.figures import reasons_figure
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

data = example_data()
split = TimeSplit.of(data.years)
model = train(data, TrainingSettings(split, TreeSettings(trees=60, leaves=7, learning_rate=0.1)))
projects = data.where(split.test(data.years)).projects[:200]
prediction = model.predict(projects)

# %% [markdown]
# ## 挑一个项目 · Choose a project
#
# 等级由两项得分和公布的分界决定；排序是严格的先后。
# The grade follows from two scores and the published thresholds; the rank is a strict order.

# %%
rows = [row for row in range(len(projects)) if appraised_project(model, prediction, row).standing]
row = max(rows, key=lambda each: prediction.heads["necessity"].value[each])
standing = appraised_project(model, prediction, row).standing
print(f"grade {standing.grade}, rank score {standing.ranked.rank_score:.1f}")

# %% [markdown]
# ## 各项结果 · What every head says
#
# `base` 是同类历史项目的平均；`low` 到 `high` 是区间。金额单位为元，概率为经校准的概率。
# `base`: the mean of similar past projects; `low` to `high`: the range. Amounts in yuan, probabilities calibrated.

# %%
explained = explain_heads(model, prediction, row)
pd.DataFrame(
    {
        name: [
            f"{each:,f}" if each is not None else "" for each in (h.base, h.value, h.low, h.high)
        ]
        for name, h in explained.items()
    },
    index=["base", "value", "low", "high"],
).T

# %% [markdown]
# ## 理由 · Reasons
#
# 蓝色提高，红色降低；虚线为同类平均，实线为本项目。理由说明预测如何得出，不说明因果。
# Blue raises, red lowers; dashed: similar projects, solid: this one. A reason says how a prediction came about, not
# what causes what.

# %%
necessity = explained["necessity"]
SVG(reasons_figure(necessity, data.catalogue))

# %% [markdown]
# ## 加得上 · It adds up
#
# 所示数字相加，恰好等于所示结果，四舍五入后也是如此。
# The numbers as shown add up to the result as shown, after rounding too.

# %%
total = necessity.base + sum(reason.contribution for reason in necessity.reasons)
assert total == necessity.value
print(f"{necessity.base} + {total - necessity.base} = {necessity.value}")

# %% [markdown]
# ## 按维度汇总 · By dimension

# %%
labels = {dimension.name: dimension.label.zh for dimension in data.catalogue.dimensions}
pd.Series({labels[name]: str(part) for name, part in necessity.dimensions.items()})

# %% [markdown]
# ## 与谁相比 · Compared with whom
#
# 最相似的往年项目，以及当年评审的结果：可以拿来核对。
# The past projects that most resemble it, with what was said of them: to be checked against.

# %%
similar = model.similar(prediction, row)[:5]
pd.DataFrame(
    {
        "project": [model.past.ids[place] for place, _ in similar],
        "year": [int(model.past.years[place]) for place, _ in similar],
        "necessity": [float(model.past.outcomes["necessity"][place]) for place, _ in similar],
    }
)
