"""The invented province: declared projects, their outcomes, and the truth both were made from."""

from training.province.simulate import ProvinceFiles, simulate_province

__all__ = ["ProvinceFiles", "simulate_province"]
