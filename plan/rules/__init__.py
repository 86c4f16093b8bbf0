"""The rules that find contradictions, one file a family: pure functions over what is known of one person."""
