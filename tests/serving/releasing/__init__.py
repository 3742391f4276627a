"""Tests of the package `serving.releasing`."""
