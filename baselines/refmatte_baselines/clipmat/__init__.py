"""CLIPMat, the baseline of "Referring Image Matting" (arXiv 2206.05149): image + text → alpha."""
