"""What a stage reads, writes, connects to and starts, against what it declares."""
