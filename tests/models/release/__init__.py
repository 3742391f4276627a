"""Tests of the package `models.release`."""
