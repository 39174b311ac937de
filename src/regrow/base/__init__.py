"""What knows no word of regrow: files, hashes, processes, errors."""
