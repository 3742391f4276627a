"""The papers about a model: model card, data sheet, algorithm record, made from its sources."""
