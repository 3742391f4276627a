"""The guide to catalogues does what it says: its commands run, its tables are the code's."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from pydantic import BaseModel
from typer.testing import CliRunner, Result

from features.catalogue import Catalogue, load_catalogue
from features.catalogue_sections import Columns, CostRole, Currency, Dimension, Priority
from features.consistency import Check
from features.consistency_operations import CHECK_OPERATIONS
from features.data_dictionary import data_dictionary
from features.errors import CatalogueError
from features.field import FieldDeclaration, Kind, Label, Part, Role, Sensitivity, Source
from features.head_declaration import HeadDeclaration, HeadKind, Outcome
from features.indicator import Changeable, Derivation, Indicator
from features.operation_table import operation_table
from serving.command_line.program import PROGRAM
from tests.village_roads import write_guide_files

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "village_roads"
GUIDE = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
CHINESE_GUIDE = (ROOT / "docs" / "catalogue.zh-CN.md").read_text(encoding="utf-8")
SECTIONS: tuple[type[BaseModel], ...] = (
    Catalogue,
    Columns,
    Currency,
    Dimension,
    Part,
    FieldDeclaration,
    Indicator,
    Derivation,
    Changeable,
    HeadDeclaration,
    Outcome,
    Priority,
    CostRole,
    Check,
    Label,
)


def blocks(language: str, guide: str = GUIDE) -> list[str]:
    """The fenced blocks of a guide in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)


def commands() -> Iterator[list[str]]:
    """The commands of the guide in order, without the one that would serve for ever."""
    for block in blocks("sh"):
        for line in block.splitlines():
            words = shlex.split(line)
            if words[1] != "serve":
                yield words


def flat(text: str) -> str:
    """A text without line breaks, blanks and the progress bars that a terminal would overwrite."""
    kept = [line for line in text.splitlines() if "━" not in line]
    return "".join("".join(kept).split())


def run(words: list[str]) -> Result:
    return CliRunner().invoke(PROGRAM, words[1:])


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Result]]:
    """A folder in which every command of the guide has run, and what each of them said."""
    folder = tmp_path_factory.mktemp("guide")
    write_guide_files(folder)
    for name in ("catalogue.yaml", "project.json"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("LINGJI_HOME", raising=False)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        return folder, {shlex.join(words): run(words) for words in commands()}


def test_every_command_of_the_guide_does_what_it_says(
    guided: tuple[Path, dict[str, Result]],
) -> None:
    _, results = guided
    codes = {line: result.exit_code for line, result in results.items()}
    assert len(codes) == 9
    refused = "lingji check round_2026.csv --catalogue catalogue.yaml"
    assert codes == {line: int(line == refused) for line in codes}, {
        line: result.output for line, result in results.items()
    }


@pytest.mark.parametrize("start", ["past.csv (csv", "round_2026.csv (csv", "scored.xlsx:"])
def test_the_shown_output_is_what_the_commands_print(
    guided: tuple[Path, dict[str, Result]], start: str
) -> None:
    (shown,) = (block for block in blocks("text") if block.startswith(start))
    said = [flat(result.output) for result in guided[1].values()]
    assert any(flat(shown) in output for output in said)
    assert not any(flat(shown.replace("0", "1")) in output for output in said)  # the control


def test_rows_in_are_rows_out_and_the_bad_ones_say_why(
    guided: tuple[Path, dict[str, Result]],
) -> None:
    rows = list(openpyxl.load_workbook(guided[0] / "scored.xlsx").active.values)  # type: ignore[union-attr]
    header, *scored = rows
    status = header.index("status")
    assert [row[status] for row in scored].count("rated") == 38
    assert [n for n, row in enumerate(scored) if row[status] == "error"] == [6, 11]
    assert "申请金额（万元）" in str(scored[6][header.index("errors")])


def test_amounts_in_ten_thousands_are_learned_and_shown_in_yuan(
    guided: tuple[Path, dict[str, Result]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(guided[0])
        words = ["lingji", "explain", "project.json", "--catalogue", "catalogue.yaml", "--json"]
        answer = json.loads(run(words).stdout)
    assert answer["cost"]["requested"] == 1_450_000
    assert 200_000 < answer["cost"]["low"] < answer["cost"]["high"] < 1_500_000
    assert answer["project_name"] == "石桥镇南坡村道大修"


def test_the_page_for_people_is_written(guided: tuple[Path, dict[str, Result]]) -> None:
    assert "Necessity" in (guided[0] / "page.html").read_text(encoding="utf-8")


def test_the_table_of_operations_is_the_closed_set() -> None:
    assert operation_table().rstrip() in GUIDE
    assert operation_table().replace("ratio", "division") not in GUIDE  # the control


@pytest.mark.parametrize("guide", [GUIDE, CHINESE_GUIDE], ids=["en", "zh"])
def test_every_key_and_every_word_of_a_catalogue_is_explained(guide: str) -> None:
    keys = {name for section in SECTIONS for name in section.model_fields} - {"zh", "en"}
    words = {word.value for words in (Kind, Source, Role, Sensitivity, HeadKind) for word in words}
    for word in sorted(keys | words | CHECK_OPERATIONS.keys()):
        assert f"`{word}`" in guide, word


def test_the_chinese_guide_goes_the_same_way() -> None:
    assert blocks("sh", CHINESE_GUIDE) == blocks("sh")
    assert blocks("text", CHINESE_GUIDE)[0] == blocks("text")[0]


def test_the_quoted_parts_are_those_of_the_example() -> None:
    lines = [line.strip() for line in (EXAMPLE / "catalogue.yaml").read_text().splitlines()]
    for block in blocks("yaml"):
        for line in textwrap.dedent(block).splitlines():
            assert line.strip() in lines


def test_the_shown_faults_are_what_a_wrong_catalogue_gets(tmp_path: Path) -> None:
    text = (EXAMPLE / "catalogue.yaml").read_text(encoding="utf-8")
    for right, wrong in (
        ('{necessity: "-", reasonable_cost: "-"}', '{necesity: "-", reasonable_cost: "-"}'),
        ("{operation: ratio, of: [residents,", "{operation: divide, of: [residents,"),
        (
            "[requested, last_budget]}\n    use: {",
            '[requested, last_budget]}\n    use: {necessity: "+", ',
        ),
    ):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    file = tmp_path / "wrong.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match="4 faults") as refused:
        load_catalogue(file)
    (shown,) = (block for block in blocks("text") if "wrong.yaml" in block)
    for line in shown.splitlines()[1:]:
        for piece in line.split(" … "):
            assert piece in str(refused.value)


@pytest.mark.parametrize("name", ["zero_base", "japan_review"])
def test_the_data_dictionaries_are_current(name: str) -> None:
    page = ROOT / "docs" / f"data-dictionary-{name.replace('_', '-')}.md"
    written = page.read_text(encoding="utf-8")
    hint = f"lingji dictionary --catalogue {name} > {page.relative_to(ROOT)}"
    assert written == data_dictionary(load_catalogue(name)), hint
