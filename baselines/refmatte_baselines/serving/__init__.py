"""Models at work on one's own pictures: cut-outs, folders of photographs, a page."""
