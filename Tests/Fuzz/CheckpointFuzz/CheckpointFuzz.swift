import FuzzDriver
import Primitives
import TransparencyLog

/// What other logs send us: signed notes, checkpoints, tlog-proofs, proofs to take away, tile paths and verifier keys;
/// what logs and witnesses send each other, and policies.
/// Whatever parses is written back to the bit, and no proof holds for a root that it was not made
/// for.
@main enum CheckpointFuzz {
  /// Of the example in C2SP signed-note.
  private static let anyKey =
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

  static func main() {
    FuzzDriver.run { bytes in
      if let note = try? SignedNote(parsing: bytes) { precondition(note.bytes == bytes) }
      if let signed = try? SignedCheckpoint(parsing: bytes) { precondition(signed.bytes == bytes) }
      if let proof = try? LogProof(parsing: bytes) {
        precondition(proof.bytes == bytes)
        precondition(!proof.inclusion.verifies(leafHash: .emptyTree, root: .leaf([])))
      }
      if let bundle = try? ProofBundle(parsing: bytes) {
        precondition(bundle.bytes == bytes)
        precondition((try? bundle.refreshed(by: bundle)) == bundle)
      }
      if let request = try? AddCheckpointRequest(parsing: bytes) {
        precondition(request.bytes == bytes)
        if let key = try? Ed25519NoteVerifier(verifierKey: anyKey) {
          _ = WitnessedLog(key: key, latest: request.checkpoint).decide(request)
        }
        let checkpoint = request.checkpoint.checkpoint
        let proof = ConsistencyProof(
          oldSize: request.oldSize, newSize: checkpoint.size, path: request.proof)
        precondition(proof.oldRoot(leadingTo: .leaf([])) == nil)
      }
      for status in [200, 409] {
        if let answer = try? WitnessAnswer(status: status, body: bytes) {
          precondition(answer.body == bytes)
        }
      }
      if let policy = try? WitnessPolicy(parsing: bytes) {
        precondition((try? WitnessPolicy(parsing: Array(policy.text.utf8)))?.text == policy.text)
        precondition(policy.isSatisfied(by: policy.witnesses.map(\.name)))
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      if let checkpoint = try? Checkpoint(parsing: text) {
        precondition(Array(checkpoint.text.utf8) == bytes)
      }
      if let tile = try? Tile(path: text) { precondition(tile.path == text) }
      if let key = try? CosignatureVerifier(verifierKey: text) {
        precondition(Array(key.verifierKey.utf8) == bytes)
      }
      if let key = try? Ed25519NoteVerifier(verifierKey: text) {
        precondition(Array(key.verifierKey.utf8) == bytes)
      }
    }
  }
}
