"""Bands of scale, as they are read."""

from __future__ import annotations

from features.standards.learned_standard import LearnedStandard
from serving.page.words import page_words


def band_label(standard: LearnedStandard, lang: str) -> str:
    """The band of scale in words; "" where there is one for all."""
    least, below, unit = standard.least, standard.below, standard.unit
    words = page_words(lang)
    if least is None and below is None:
        return ""
    if least is None:
        return words["standards_band_below"].format(below=f"{below:,g}", unit=unit)
    if below is None:
        return words["standards_band_from"].format(least=f"{least:,g}", unit=unit)
    return words["standards_band"].format(least=f"{least:,g}", below=f"{below:,g}", unit=unit)
