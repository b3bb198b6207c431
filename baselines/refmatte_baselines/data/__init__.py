"""What models learn from: pictures with texts, changed, numbered and put into batches."""
