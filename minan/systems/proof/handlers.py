"""What proof does by itself: takes up every event, signs a checkpoint when it is time, makes promises, tells the doctor."""

from __future__ import annotations

from minan.kernel import doctor, keepsake, listen, promises
from minan.kernel import verify as records
from minan.systems.proof import counts, health, keeping, promising, publication, sequencer, verify

listen.on("*")(sequencer.sequence)
listen.on("*")(counts.count)
listen.each_turn(publication.turn)
promises.register(promising.promise)
keepsake.register(keeping.page)
doctor.also(health.left_behind)
records.also(verify.log)
