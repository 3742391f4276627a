"""The colours of the pages: every text stands out from every ground that it may lie on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from serving.page import pages

STYLE = (Path(pages.__file__).parents[1] / "static" / "page.css").read_text(encoding="utf-8")
ROOT = re.search(r":root \{(.*?)\}", STYLE, re.DOTALL)
PALETTE = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", ROOT[1] if ROOT else ""))
TEXTS = ("ink", "quiet", "seal", "good", "bad")
GROUNDS = ("paper", "ground", "note")
ENOUGH = 4.5
"""WCAG 2.2, level AA, for text of the usual size."""


def luminance(colour: str) -> float:
    """The relative luminance of WCAG."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The contrast of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_control_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_stands_out_from_every_ground(text: str, ground: str) -> None:
    assert contrast(PALETTE[text], PALETTE[ground]) >= ENOUGH


def test_white_stands_out_from_buttons() -> None:
    assert contrast("#ffffff", PALETTE["seal"]) >= ENOUGH


def test_steps_up_and_down_differ_without_colour() -> None:
    """A welcome arrow is filled, an unwelcome one is hollow: in grey too."""
    fills = dict(re.findall(r"^\.bar \.(good|bad) \{ fill: ([^;]+);", STYLE, re.MULTILINE))
    assert fills == {"good": "var(--good)", "bad": "#fff"}
    assert contrast(PALETTE["good"], "#ffffff") >= ENOUGH
