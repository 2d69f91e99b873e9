"""Makes 60 `.ots` files with the library `opentimestamps`, and prints each in hexadecimal with its attestations
and the messages that they are of."""

import io
import os
import random

from opentimestamps.core.notary import BitcoinBlockHeaderAttestation, PendingAttestation
from opentimestamps.core.op import OpAppend, OpPrepend, OpSHA256
from opentimestamps.core.serialize import StreamSerializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile, Timestamp


def grow(timestamp, depth):
    if depth == 0 or random.random() < 0.3:
        if random.random() < 0.5:
            timestamp.attestations.add(PendingAttestation(f"https://c{random.randrange(9)}.example.org"))
        else:
            timestamp.attestations.add(BitcoinBlockHeaderAttestation(random.randrange(1, 1 << 40)))
    if depth == 0:
        return
    for _ in range(random.randrange(1, 3)):
        step = random.choice([
            OpAppend(os.urandom(random.randrange(1, 40))), OpPrepend(os.urandom(random.randrange(1, 300))),
            OpSHA256(),
        ])
        grow(timestamp.ops.add(step), depth - 1)


for _ in range(60):
    timestamp = Timestamp(os.urandom(32))
    grow(timestamp, random.randrange(6))
    out = io.BytesIO()
    DetachedTimestampFile(OpSHA256(), timestamp).serialize(StreamSerializationContext(out))
    words = [out.getvalue().hex()]
    for message, attestation in timestamp.all_attestations():
        if isinstance(attestation, PendingAttestation):
            words.append(f"pending:{attestation.uri}:{message.hex()}")
        else:
            words.append(f"bitcoin:{attestation.height}:{message.hex()}")
    print(*words, flush=True)
