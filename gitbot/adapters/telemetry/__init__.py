"""Receive what the parts tell: Prometheus metrics, log lines and OpenTelemetry traces. Shell."""
