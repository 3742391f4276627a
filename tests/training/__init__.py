"""Tests of the package `training`."""
