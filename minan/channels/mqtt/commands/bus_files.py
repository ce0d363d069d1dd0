"""`minan bus files FOLDER`: what Mosquitto needs to let in this city's devices: passwords (hashes), access rules, a configuration."""

from __future__ import annotations

import argparse
from pathlib import Path

from minan.kernel.bus import accounts
from minan.lib import folders

NAME = "bus files"
HELP = "write Mosquitto's passwords, access rules and configuration for the devices of this city"
# 8883: devices, by TLS, each under its own name; 1884: this city's own processes, on the loopback.
CONFIG = """# Written by `minan bus files`; after a change of keys it is written again and Mosquitto is told (SIGHUP).
per_listener_settings false
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
message_size_limit 65536
max_packet_size 66560
max_queued_messages 20000
max_inflight_messages 0
persistence true
autosave_interval 5
persistent_client_expiration 1d
listener 1884 127.0.0.1
# Devices come in here. Put the city's certificate in and take the marks away:
#listener 8883
#certfile {folder}/cert.pem
#keyfile {folder}/key.pem
#use_username_as_clientid true
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", help="Mosquitto's own folder")


def run(args: argparse.Namespace) -> int:
    """0 when they are written. The configuration is written once; what was changed in it stays."""
    folder = Path(args.folder).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, text in accounts.mosquitto_files().items():
        folders.write_whole(folder / name, text)
    folders.write_once(folder / "minan.conf", CONFIG.format(folder=folder))
    print(f"{folder}/minan.conf")
    return 0
