"""MQTT: what devices say comes in here and is handed to whoever hears it (kernel/bus)."""
