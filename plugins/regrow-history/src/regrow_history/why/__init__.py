"""Why a metric changed between two commits: the mixed combinations of what differs, run, and shared out."""
