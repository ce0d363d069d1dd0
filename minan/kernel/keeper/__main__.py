"""`python -m minan.kernel.keeper FOLDER`: keep; with a word before the folder: rotate, destroy, copies, restore, log, seal."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from minan.kernel.keeper import process

USAGE = """usage: python -m minan.kernel.keeper [--served] [--peer USER] FOLDER
       python -m minan.kernel.keeper rotate FOLDER
       python -m minan.kernel.keeper destroy FOLDER MARK
       python -m minan.kernel.keeper copies FOLDER DIRECTORY DIRECTORY
       python -m minan.kernel.keeper restore FOLDER COPY
       python -m minan.kernel.keeper log FOLDER
       python -m minan.kernel.keeper seal FOLDER install FILE [CHAIN] | renew CITY"""
WORDS = {"rotate": 1, "destroy": 2, "copies": 3, "restore": 2, "log": 1, "seal": 3}  # word → how many arguments
SECRETS = ("MINAN_KEEPER_PASSPHRASE", "MINAN_KEEPER_PASSPHRASE_2")


def passphrase(n: int, *, twice: bool) -> str:
    """From the environment, else asked for, of a new one twice."""
    if os.environ.get(SECRETS[n]):
        return os.environ[SECRETS[n]]
    from getpass import getpass  # not for the keeper itself, which starts in a moment

    said = getpass(f"passphrase of copy {n + 1}: ")
    if twice and getpass("once more: ") != said:
        sys.exit("they differ")
    return said


def tool(word: str, folder: Path, rest: list[str]) -> str:
    """Do it; returns the words to print. Raises keys.Refused, log.Broken."""
    from minan.kernel.keeper import keys, log  # as above

    if word == "seal":
        from minan.kernel.keeper import seal  # as above

        return seal.tool(folder, rest)
    if word == "rotate":
        return f"key {keys.rotate(folder).current.hex()} seals from now on; next: minan keeper rewrap"
    if word == "destroy":
        keys.destroy(folder, rest[0])
        return f"key {rest[0]} is gone"
    if word == "copies":
        made = keys.copies(folder, [Path(d) for d in rest], [passphrase(n, twice=True) for n in (0, 1)])
        return "\n".join(str(path) for path in made)
    if word == "restore":
        return f"key {keys.restore(folder, Path(rest[0]), passphrase(0, twice=False)).current.hex()} is back"
    n, head = log.check(folder / "keeper" / keys.LOG)
    return f"{n} lines, every link holds; the last: {head}"


def main(words: list[str]) -> int:
    if words and words[0] in WORDS:
        if len(words) != WORDS[words[0]] + 1 and not (words[0] == "seal" and len(words) == 5):
            sys.exit(USAGE)
        from minan.kernel.keeper import keys, log  # as above

        try:
            print(tool(words[0], Path(words[1]).resolve(), words[2:]))
        except (keys.Refused, log.Broken, OSError, ValueError) as error:
            sys.exit(str(error))
        return 0
    served = "--served" in words
    words = [word for word in words if word != "--served"]
    peer = words.pop(words.index("--peer") + 1) if "--peer" in words[:-1] else ""
    words = [word for word in words if word != "--peer"]
    if len(words) != 1 or words[0].startswith("-"):
        sys.exit(USAGE)
    return process.serve(Path(words[0]).resolve(), served=served, peer_user=peer)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
