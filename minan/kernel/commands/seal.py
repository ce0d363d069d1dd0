"""`minan seal …`: the certificate with which agreements and files are signed; a real one is installed, one of our own making renewed."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from minan.kernel import seals, vault

NAME = "seal"
HELP = "the city's seal on signed PDFs: status, install FILE.p12, install KEY.pem CHAIN.pem, renew"
DOES = {
    "status": "whose it is, until when, its fingerprints; one of our own making is made where there is none",
    "install": "a certificate of an authority: FILE.p12, or KEY.pem and CHAIN.pem (passphrase: asked, or MINAN_SEAL_PASSPHRASE)",
    "renew": "a new one of our own making (not where a real one is in use: it would be replaced)",
}
ASKED = "MINAN_SEAL_PASSPHRASE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = "\n".join(f"{word:<8} {what}" for word, what in DOES.items())
    parser.add_argument("what", choices=DOES, metavar="|".join(DOES))
    parser.add_argument("files", nargs="*", help="install: FILE.p12, or KEY.pem CHAIN.pem")
    parser.add_argument("--replace", action="store_true", help="renew: also where the one in use is an authority's")


def run(args: argparse.Namespace) -> int:
    """0; else says why nothing was changed."""
    if args.what == "install" and len(args.files) not in (1, 2):
        sys.exit(f"minan seal install: {DOES['install']}")
    try:
        return {"status": status, "install": install, "renew": renew}[args.what](args)
    except vault.Away:
        sys.exit("the keeper does not answer")


def _tool(*words: str) -> int:
    """The key is handled by a process without Django, as the keeper itself; run as the keeper's user."""
    return subprocess.run(
        [sys.executable, "-m", "minan.kernel.keeper", "seal", str(vault.folder()), *words], check=False
    ).returncode


def status(args: argparse.Namespace) -> int:
    seal = seals.here()
    print(f"{seal.subject}\nissued by {seal.issuer}\nuntil {seal.ends:%Y-%m-%d}")
    print(f"SHA-256 {seal.fingerprint}\nroot SHA-256 {seal.root}")
    if seal.own_making:
        print("of our own making: no reader trusts it by itself (minan seal install)")
    return 0


def install(args: argparse.Namespace) -> int:
    if ASKED not in os.environ and sys.stdin.isatty():
        from getpass import getpass  # asked at a terminal only

        os.environ[ASKED] = getpass("passphrase of the key (empty: none): ")
    return _tool("install", *(str(Path(name).resolve()) for name in args.files))


def renew(args: argparse.Namespace) -> int:
    if not seals.here().own_making and not args.replace:
        sys.exit("the seal in use is an authority's: it stays (--replace if you mean it)")
    return _tool("renew", seals.city_name())
