"""What an image will be, and its pixels: plan, places, harmonisation, and exact visible alphas."""
