"""The tests of Lingji: one file per concept, as in the packages."""
