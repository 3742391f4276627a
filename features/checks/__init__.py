"""Checks as data: rules in files, looked at one by one for every declared project alike."""
