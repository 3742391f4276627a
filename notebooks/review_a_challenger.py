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
# # 评审候选模型 · Review a challenger
#
# **新一年度的数据训练出的模型，能不能上线？** 看它与在用模型的对比、每项门槛的结论、变化最大的项目。
#
# **May the model that was trained on a new round be released?** To be seen: how it compares with what serves, what
# every gate says, and the projects that change most.

# %%
from pathlib import Path

import pandas as pd
from IPython.display import SVG

from models.approval import Status
from models.group_label import group_label
from models.release.release_policy import release_policy
from training.evidence import worst
from training.example_data import example_data
from training.figures import differences_figure, verdicts_figure
from training.growing import TreeSettings
from training.rehearsal import rehearse
from training.review.case_choice import Answered, choose_cases
from training.review.case_policy import case_policy
from training.same_projects import answers_of
from training.split import TimeSplit
from training.train import TrainingSettings

data = example_data(projects=3_000)
ruler = data.catalogue

# %% [markdown]
# ## 新年度到了 · A round has arrived
#
# 在用模型只学到前几年；候选模型多学一个年度。最后一个年度双方都没有见过，用来比较。真实流程由 `lingji retrain` 完成，这里只演练，不登记。
# What serves learned from fewer rounds; the challenger from one more. The last round, which neither has seen, is compared
# on. For real `lingji retrain` does this; here it is rehearsed and nothing is registered.

# %%
trees = TreeSettings(trees=60, leaves=7, learning_rate=0.1)
newer = TimeSplit.of(data.years)
older = TimeSplit(newer.fit_until - 1, newer.fit_until)
case = rehearse(data, TrainingSettings(older, trees), TrainingSettings(newer, trees))
print("compared on", case.comparison.data.rounds, "with", case.comparison.data.projects, "projects")

# %% [markdown]
# ## 更好还是更差 · Better or worse

# %%
SVG(differences_figure(case.comparison, ruler))

# %% [markdown]
# ## 门槛怎么说 · What the gates say
#
# 每项门槛逐预测头、逐类别判断。项目太少的类别为“不适用”，不是“通过”。
# Each gate judges every head and group by itself. A group with too few projects is not applicable, which is not passed.

# %%
verdicts = case.verdicts(release_policy(None, Path()))
SVG(verdicts_figure(verdicts))

# %%
failed = [verdict for verdict in verdicts if verdict.status is Status.FAIL]
for verdict in failed:
    print(f"{verdict.name}: {verdict.figure} ({verdict.reason})")
print(len(failed), "failed")

# %% [markdown]
# ## 哪一类最差 · The worst groups
#
# 平均数变好，不能抵消某一类变差：对这些项目要多看几眼。
# A better average excuses no group: these projects deserve a second look.

# %%
told = {name: worst(head)["least_accurate"] for name, head in case.comparison.heads.items()}
pd.DataFrame(
    {
        ruler.head(name).label.zh: {
            "group": group_label(group["group"], ruler).zh,
            "error": round(group["challenger"], 4),
            "n": group["n"],
        }
        for name, group in told.items()
        if group
    }
).T

# %% [markdown]
# ## 专家评哪些案例 · Which cases experts judge
#
# 按类别随机抽取：等级不同的、临近分界的、金额大的、各专题的，以及纯随机的。专家先独立判断，再看两个模型的意见；纯随机的部分用来推断全部项目。
# Drawn by chance from each kind: other grades, near a threshold, large amounts, every topic, and chance alone. Experts judge
# first and see what the models say afterwards; from those of chance alone one infers to all.

# %%
later = case.compared.later.projects
answers = [answers_of(model, later) for model in (case.challenger, case.champion)]
answered = [Answered(*pair) for pair in zip(*answers, strict=True)]
choice = choose_cases(answered, ruler, case_policy(None, Path()))
print(len(choice.cases), "cases")
pd.DataFrame({kind: size.model_dump() for kind, size in choice.strata.items()}).T

# %% [markdown]
# ## 变化最大的项目 · The projects that change most
#
# 等级和名次的变动。
# How grades and places change.

# %%
affected = case.compared.same.most_affected(8)
pd.DataFrame(
    {"project": each.project_id, "grade": " → ".join(each.grade or ()), "places": each.places}
    for each in affected
)

# %% [markdown]
# ## 然后呢 · And then?
#
# 对比和证据存档，专家评审（`lingji review`），两名没有参与训练的人签字（`lingji approve`），才能上线（`lingji promote`）。本页只是看，不作决定。
# Comparison and evidence are kept, experts review (`lingji review`), two people who did not train it sign (`lingji
# approve`), and only then is it released (`lingji promote`). This page looks; it decides nothing.
