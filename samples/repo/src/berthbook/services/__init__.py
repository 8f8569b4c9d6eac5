"""What the harbour does, without HTTP and without SQL."""
