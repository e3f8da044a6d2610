"""Enters sizes and digests of the bundled student's files in weights/manifest.json, whatever of them has changed.

    manifest.py [--weights weights]

Standard library alone.
"""

import argparse
import json
from pathlib import Path

from bundle import CARD, STUDENT, STUDENT_FILES, piece
from vectors import RESPONSES, VECTORS

FILES = [*STUDENT_FILES, CARD, "calibration.json", "safety.json", RESPONSES, VECTORS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    weights = parser.parse_args().weights
    manifest = weights / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["bundles"][STUDENT] = [piece(weights / STUDENT, name) for name in FILES]
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
