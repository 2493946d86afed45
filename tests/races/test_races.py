# SPDX-License-Identifier: LGPL-2.1-or-later
"""A short form of the races, all of them at once; `races.py` has the long one."""

import pytest
from races import KINDS, run_races

SAVES = 25
SEED = 1


@pytest.fixture(scope="module")
def results():
    return {result.kind: result for result in run_races(KINDS, SAVES, SEED, jobs=6)}


@pytest.mark.parametrize("kind", KINDS)
def test_race(results, kind):
    result = results[kind]
    found = "\n".join(result.notes)
    assert result.saves == SAVES
    assert result.sets > 0
    assert result.lost_saves == 0, found
    assert result.lost_sets == 0, found
    assert result.torn == 0, found
    assert result.lost_comments == 0, found
