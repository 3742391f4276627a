"""What runs beside the champion: a challenger in the shadow, and one that serves some regions."""
