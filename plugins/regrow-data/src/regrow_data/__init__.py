"""regrow-data: from raw files to a typed table (ingest), checked assumptions (validate) and a fixed split (split)."""
