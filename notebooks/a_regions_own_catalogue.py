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
# # 本地区的指标目录 · A region's own catalogue
#
# **我们县的表格和别处不同，怎样用？** 写一份指标目录（YAML），不写代码。以村道养护为例。
#
# **Our county's table is unlike others; how is it used?** By a catalogue of its own, one YAML file and no code. The
# example is the upkeep of village roads.

# %%
# %% [markdown]
# ## 手头的表格 · The table at hand
#
# 县里的表：中文表头，万元，GB18030 编码。数据为虚构。
# The county's table: Chinese headings, units of 10,000 yuan, GB18030. The data are invented.
# %%
from pathlib import Path

import pandas as pd
import yaml
from IPython.display import SVG

import training
from features.catalogue import load_catalogue, parse_catalogue
from features.data_dictionary import data_dictionary
from features.errors import CatalogueError
from models.explanation import explain_heads
from training.appraisal_data import read_appraisal_data
from training.figures import reasons_figure
from training.growing import TreeSettings
from training.split import TimeSplit
from training.train import TrainingSettings, train

example = Path(training.__file__).parents[1] / "docs" / "examples" / "village_roads"
pd.read_csv(example / "past.csv", encoding="gb18030").head(3).T

# %% [markdown]
# ## 目录里的一项指标和一个预测头 · An indicator and a head
#
# 名称、来源、取值范围、所用的列、对哪个预测头有用、方向：都写在目录里。
# Its name, source, range and column, which head uses it and in which direction: all of that is in the catalogue.

# %%
text = (example / "catalogue.yaml").read_text(encoding="utf-8")
raw = yaml.safe_load(text)
print(yaml.safe_dump(raw["indicators"][5], allow_unicode=True, sort_keys=False))
print(yaml.safe_dump(raw["heads"][2], allow_unicode=True, sort_keys=False))

# %% [markdown]
# ## 写错了会怎样 · What happens to a mistake
#
# 让“合理支出”偷看上年预算：目录不予读取，并逐条指出，追到最深一层。
# Let reasonable cost peep at last year's budget: the catalogue is refused, and each fault is named, however deep.

# %%
peeping = text.replace(
    "use: {low_execution: free}", "use: {low_execution: free, reasonable_cost: free}"
)
try:
    parse_catalogue(peeping)
except CatalogueError as error:
    print(error)

# %% [markdown]
# ## 读取往年数据 · Reading past rounds
#
# 有误的行点名，其余照用。
# Rows that are wrong are named, the others kept.

# %%
ruler = load_catalogue(example / "catalogue.yaml")
data = read_appraisal_data(example / "past.csv", ruler)
print(f"{len(data.projects)} projects, {len(data.faults)} faults, not read: {data.unread}")

# %% [markdown]
# ## 训练并解释 · Train and explain
#
# 数据字典、接口、表单、理由的措辞都由同一份目录得出。
# The data dictionary, the API, the forms and the words of reasons follow from the same catalogue.

# %%
split = TimeSplit.of(data.years)
model = train(data, TrainingSettings(split, TreeSettings(trees=60, leaves=6, learning_rate=0.1)))
newest = data.where(split.test(data.years)).projects
explained = explain_heads(model, model.predict(newest[:1]), 0)
SVG(reasons_figure(explained["necessity"], ruler))

# %%
print("\n".join(data_dictionary(ruler).splitlines()[4:12]))
