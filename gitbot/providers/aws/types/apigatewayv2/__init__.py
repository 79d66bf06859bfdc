"""The types of API Gateway for HTTP and WebSocket APIs."""
