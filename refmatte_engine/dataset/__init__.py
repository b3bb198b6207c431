"""A dataset on disk: its layout, shards and manifest; reading it, counting it, looking at it."""
