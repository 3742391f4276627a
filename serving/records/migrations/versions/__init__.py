"""The migrations. A migration that has been released is never edited."""
