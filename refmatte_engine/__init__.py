"""The RefMatte engine: composes referring image matting datasets."""
