"""What runs beside the champion."""
