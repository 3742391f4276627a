"""The OpenAPI document of the service, derived from the catalogue and the routes."""
