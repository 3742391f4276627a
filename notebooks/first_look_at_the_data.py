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
# # 初看数据 · A first look at the data
#
# **历年评审结果够不够学，差在哪里？** 训练之前先看：各年度有多少结果，哪些内容常常没有填写，结果是否逐年变化。
#
# **Is there enough in past outcomes to learn from, and what is lacking?** To be seen before any training: how many
# outcomes each round has, what is often not given, and whether outcomes change from year to year.
#
# 数据为虚构省份；有日本行政事业评审数据时，由环境变量 `LINGJI_JAPAN_REVIEW` 指定。不联网，不留文件。
# An invented province; or the real Japanese reviews where `LINGJI_JAPAN_REVIEW` names them. Nothing is fetched or kept.

# %%
import os

import numpy as np
import pandas as pd
from IPython.display import SVG

from training.example_data import example_data
from training.figures import outcomes_figure, request_figure, unknown_figure
from training.train import known_targets

data = example_data(os.environ.get("LINGJI_JAPAN_REVIEW"))
print(f"{len(data.projects):,} projects, simulated: {data.simulated}")

# %% [markdown]
# ## 结果有多少 · How many outcomes there are
#
# 执行和绩效结果只有获批项目才有，而且要晚一两年：最近年度自然少。
# Execution and performance are known of funded projects only, and a year or two later: recent rounds have fewer.

# %%
known = {name: np.isfinite(column) for name, column in data.outcomes.items()}
pd.DataFrame(known).groupby(data.years).sum().rename_axis("年度 round").T

# %% [markdown]
# ## 能学哪些 · What can be learned
#
# 没有结果的预测头不学，并写明原因，不会用别的数据顶替。
# A head without outcomes is left out, with the reason; nothing is put in its place.

# %%
learnable, left_out = known_targets(data)
print("learnable:", ", ".join(learnable))
print("left out:", left_out or "none")

# %% [markdown]
# ## 结果是否逐年变化 · Do outcomes change from year to year?
#
# 盒子为中间一半项目，红线为中位数。各年度差得多，说明口径或政策变过，旧年度的规律未必适用。
# The box is the middle half, the red line the median. If rounds differ much, a rule or a definition has changed, and
# what older rounds teach may not hold.

# %%
first = next(iter(learnable))
SVG(outcomes_figure(data, first))

# %% [markdown]
# ## 哪些没有填写 · What is not given
#
# 没有填写不等于零。关键依据缺失的项目不予评级，而不是猜一个分数。
# Not given is not nought. A project whose key evidence is missing is not rated, rather than guessed.

# %%
SVG(unknown_figure(data))

# %% [markdown]
# ## 申报与审定 · Requested and approved
#
# 线下为核减（红）。模型预测合理成本时看不到申报金额：它不学“报多少砍几成”。
# Below the line a request was cut (red). The model does not see the request when it prices a project: it does not learn
# to cut a share of whatever is asked.

# %%
SVG(request_figure(data))

# %% [markdown]
# ## 有误的行 · Rows that are wrong
#
# 不符合指标目录的行逐条点名，其余照用。真实数据先用 `lingji check` 看一遍。
# Rows that do not meet the catalogue are named, the others kept. Look at real data with `lingji check` first.

# %%
print(len(data.faults), "faults")
for fault in data.faults[:5]:
    print("-", fault.message())
