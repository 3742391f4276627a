"""What has become of the model in service: drift, forecasts and outcomes, alerts, a page."""
