import FuzzDriver
import Primitives
import TransparencyLog

/// What other logs send us: signed notes, checkpoints, tlog-proofs, tile paths and verifier keys.
/// Whatever parses is written back to the bit, and no proof holds for a root that it was not made
/// for.
@main enum CheckpointFuzz {
  static func main() {
    FuzzDriver.run { bytes in
      if let note = try? SignedNote(parsing: bytes) { precondition(note.bytes == bytes) }
      if let signed = try? SignedCheckpoint(parsing: bytes) { precondition(signed.bytes == bytes) }
      if let proof = try? LogProof(parsing: bytes) {
        precondition(proof.bytes == bytes)
        precondition(!proof.inclusion.verifies(leafHash: .emptyTree, root: .leaf([])))
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      if let checkpoint = try? Checkpoint(parsing: text) {
        precondition(Array(checkpoint.text.utf8) == bytes)
      }
      if let tile = try? Tile(path: text) { precondition(tile.path == text) }
      if let key = try? Ed25519NoteVerifier(verifierKey: text) {
        precondition(Array(key.verifierKey.utf8) == bytes)
      }
    }
  }
}
