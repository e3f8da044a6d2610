"""Prints the scalars that TensorBoard reads from the folder training/ of a run, as JSON: {tag: [[step, value], ...]}.

Needs `pip install tensorboard` in an environment of its own.
"""

import argparse
import json

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    events = EventAccumulator(parser.parse_args().folder, size_guidance={"scalars": 0})
    events.Reload()
    print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}))


if __name__ == "__main__":
    main()
