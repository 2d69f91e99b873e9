import Primitives
import SecDocument
import TransparencyLog

/// Proofs as files.
enum ProofFile {
  /// Reads a proof, and of a longer file no more than one byte beyond the longest proof.
  ///
  /// - Throws: as `ProofBundle.init(parsing:)`; `invalid` for a `.sec` document.
  static func read(_ path: String) throws -> ProofBundle {
    let bytes = try FileSource(path: path).readStart(ProofBundle.maximumLength + 1)
    // The magic number of `.sec` begins as PNG's does: no text begins so.
    if bytes.starts(with: [0x89, 0x53, 0x45, 0x43]) {
      throw PeerChartError(
        .invalid, "this is a .sec document; `peerchart sec verify` checks it and its proof",
        place: path)
    }
    return try ProofBundle(parsing: bytes)
  }

  /// Whether an error says that the file is no good proof, and not that it could not be read.
  static func isFaulty(_ error: PeerChartError) -> Bool {
    [.malformed, .tooLarge, .unsupportedVersion].contains(error.code)
  }
}
