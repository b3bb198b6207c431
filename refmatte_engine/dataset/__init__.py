"""A dataset on disk: its layout, shards and manifest; reader, statistics and gallery."""
