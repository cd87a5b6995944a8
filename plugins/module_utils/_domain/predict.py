# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run would bring, told without doing it: check mode."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Dict, Tuple

from .decide import Kind, RecordedGroup, Settled, Why, Work
from .outcome import IN_GROUP, Evidence, Outcome, Source, overall
from .plan import Plan, of_another_expiry
from .protocols import Worklist


@dataclass(frozen=True)
class Prediction:
    """What a run would bring, as far as the ledger tells: the outcomes stand in the worklist.

    ``renewed``: a number would be in the group that is sent with another expiry.
    """

    evidence: Evidence
    renewed: bool = False


def predict(plan: Plan, group: RecordedGroup, worklist: Worklist) -> Prediction:
    """What carrying out a plan will bring if the server holds what is recorded; assumed where nothing is recorded."""
    settled = {outcome for outcome, count in worklist.counts().items() if count}
    evidence = [Evidence(False, Source.LEDGER)] if settled - _BY_WISH else []
    if worklist.waiting(Kind.ADD):
        evidence += [Evidence(True, change.source) for change in plan.changes]
    renewed = False
    for work in worklist.alike():
        outcome, proof = _PREDICTED[(work.kind, _recorded_as(work, group))]
        if work.shared and not proof.changed:
            proof = Evidence(True, Source.ASSUMED)
        if group.ended and work.expiry is None and outcome in (Outcome.ADDED, Outcome.PRESENT):
            outcome, proof = Outcome.UNCONFIRMED, Evidence(True, Source.ASSUMED)  # see judge
        worklist.settle_alike(work, Settled(outcome, work.why.value))
        evidence.append(proof)
        if work.why is Why.EXPIRY:
            evidence.append(of_another_expiry(work.recorded, work.expiry, group))
            renewed = renewed or outcome in IN_GROUP
    return Prediction(overall(evidence, Source.LEDGER if group.known else Source.ASSUMED), renewed)


_BY_WISH = frozenset({Outcome.EXEMPT, Outcome.SHARED})


class _Record(enum.Enum):
    """What the record says of a number: in the group, not in it, perhaps, or nothing at all."""

    IN = "in"
    OUT = "out"
    PERHAPS = "perhaps"
    NOTHING = "nothing"


_PREDICTED: Dict[Tuple[Kind, _Record], Tuple[Outcome, Evidence]] = {
    (Kind.ADD, _Record.IN): (Outcome.ALREADY_PRESENT, Evidence(False, Source.LEDGER)),
    (Kind.ADD, _Record.OUT): (Outcome.ADDED, Evidence(True, Source.LEDGER)),
    (Kind.ADD, _Record.PERHAPS): (Outcome.PRESENT, Evidence(True, Source.ASSUMED)),
    (Kind.ADD, _Record.NOTHING): (Outcome.ADDED, Evidence(True, Source.ASSUMED)),
    (Kind.REMOVE, _Record.IN): (Outcome.REMOVED, Evidence(True, Source.LEDGER)),
    (Kind.REMOVE, _Record.OUT): (Outcome.NOT_FOUND, Evidence(False, Source.LEDGER)),
    (Kind.REMOVE, _Record.PERHAPS): (Outcome.ABSENT, Evidence(True, Source.ASSUMED)),
    (Kind.REMOVE, _Record.NOTHING): (Outcome.REMOVED, Evidence(True, Source.ASSUMED)),
}


def _recorded_as(work: Work, group: RecordedGroup) -> _Record:
    if work.recorded is None:
        return _Record.OUT if group.known else _Record.NOTHING
    if work.recorded.outcome is Outcome.UNCONFIRMED:
        return _Record.PERHAPS
    return _Record.IN if work.recorded.in_group else _Record.OUT
