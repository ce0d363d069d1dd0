"""The city's own small MQTT broker, for the demo and for trying; a real city runs Mosquitto or NATS (docs/handbook/devices.md)."""
