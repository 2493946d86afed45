# SPDX-License-Identifier: LGPL-2.1-or-later
"""A short form of the faults: a sample of the points; `faults.py` takes them all."""

import argparse

import pytest
from faults import FAULTS

# The fault, each how many-th of its points, and how many there are at least.
SAMPLES = [("kill", 9, 100), ("errors", 1, 100), ("power", 1, 6), ("full", 1, 2)]


@pytest.mark.parametrize("fault, step, at_least", SAMPLES)
def test_fault(fault, step, at_least):
    outcome = FAULTS[fault](argparse.Namespace(step=step, cuts=6, jobs=3))
    assert outcome.problems == [], "\n".join(outcome.problems)
    assert outcome.points >= at_least
