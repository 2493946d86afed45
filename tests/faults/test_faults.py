# SPDX-License-Identifier: LGPL-2.1-or-later
"""A short form of the faults: a sample of the points; `faults.py` takes them all."""

import cuts
import pytest
from faults import FAULTS, parse

# The fault, each how many-th of its points, and how many there are at least.
SAMPLES = [("kill", 9, 100), ("errors", 1, 100), ("power", 1, 6), ("cuts", 1, 60), ("full", 1, 2)]


@pytest.mark.parametrize("fault, step, at_least", SAMPLES)
def test_fault(fault, step, at_least):
    if fault == "cuts" and (obstacle := cuts.find_obstacle()):
        pytest.skip(f"no recorded disk here: {obstacle}")
    # a power cut can leave a change in the history that nobody was answered and that isn't in force
    outcome = FAULTS[fault](parse([fault, f"--step={step}", f"--cuts={at_least}", "--jobs=3"]))
    assert outcome.problems == [], "\n".join(outcome.problems)
    assert outcome.points >= at_least
