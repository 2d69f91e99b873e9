import FuzzDriver
import Primitives
import TransparencyLog

/// Signed notes and checkpoints from other logs: what parses is written back to the bit.
@main enum CheckpointFuzz {
  static func main() {
    FuzzDriver.run { bytes in
      if let note = try? SignedNote(parsing: bytes) { precondition(note.bytes == bytes) }
      if let signed = try? SignedCheckpoint(parsing: bytes) { precondition(signed.bytes == bytes) }
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      if let checkpoint = try? Checkpoint(parsing: text) { precondition(checkpoint.text == text) }
      _ = try? Ed25519NoteVerifier(verifierKey: text)
    }
  }
}
