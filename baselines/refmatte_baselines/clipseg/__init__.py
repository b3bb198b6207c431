"""CLIPSeg on the shared towers, of Lüddecke and Ecker (2022)."""
