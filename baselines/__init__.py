"""Models that go with the engine. They need torch; the engine does not."""
