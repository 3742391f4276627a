"""Known faults planted into the invented province, for checks to be measured on."""

from training.province.planting.plant import PlantedTables, plant
from training.province.planting.planted import KINDS, Planted

__all__ = ["KINDS", "Planted", "PlantedTables", "plant"]
