"""Scenes and their pixels: plan, layout, harmonisation, and exact visible alphas."""
