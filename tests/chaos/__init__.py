"""Runs that end badly, at random, and are gone on with."""
