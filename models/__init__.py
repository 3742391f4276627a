"""What a model is: heads, calibration, explanation, grade, bundle, registry."""
