"""The papers about the model in service, as pages and as JSON."""
