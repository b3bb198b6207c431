"""Plush animals and furry things."""
