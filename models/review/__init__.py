"""What experts judge of a challenger: cases, judgements, findings, and how far they agree."""
