import Consent
import Foundation
import Primitives
import TransparencyLog

/// An anchor to take away: what was stamped, and the stamp in the form of its own tools.
public struct ExportedAnchor: Sendable {
  /// The checkpoint's text: origin, size and root.
  public let text: [UInt8]
  public let proof: [UInt8]
  /// `ots` or `tsr`.
  public let fileExtension: String
}

extension Exchange {
  /// Takes the anchor over so many entries away from a calendar or an authority; nil for the newest.
  ///
  /// - Throws: `not-found` where there is none that has a proof; `invalid` for a chain, which proves by itself.
  public func exportAnchor(
    _ name: String, size: Int64?, as caller: Caller
  ) async throws -> ExportedAnchor {
    try require(.seeNodeLog, caller)
    return try await store.read { [self] snapshot in
      let kind = try anchorPlace(name, in: snapshot).kind
      guard kind != .chain else {
        throw PeerChartError(.invalid, "a chain keeps its anchors itself; see `log anchor verify`")
      }
      let anchor = try allAnchors(name, in: snapshot).last {
        $0.proof != nil && (size == nil || $0.number == size)
      }
      guard let anchor, let proof = anchor.proof, let subject = anchor.checkpoint else {
        throw PeerChartError(.notFound, "there is no such anchor, or nothing has come back yet")
      }
      return ExportedAnchor(
        text: subject.text,
        proof: kind == .calendar
          ? Array(proof) : try TimeStampToken(parsing: Array(proof)).reply,
        fileExtension: kind == .calendar ? "ots" : "tsr")
    }
  }
}
