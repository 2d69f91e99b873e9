public import Primitives

/// The head of a log: how large it is and what its root is (C2SP tlog-checkpoint).
public struct Checkpoint: Hashable, Sendable {
  /// The name of the log.
  public let origin: String
  /// The number of leaves.
  public let size: UInt64
  /// The root over them (RFC 6962).
  public let root: Hash
  /// Further lines, opaque to us and none in our own checkpoints.
  public let extensionLines: [String]

  /// Throws `invalid` for an empty or multi-line origin or extension line, control characters, or
  /// a size beyond `Frontier.maximumSize`.
  public init(
    origin: String, size: UInt64, root: Hash, extensionLines: [String] = []
  ) throws(PeerChartError) {
    guard Self.isLine(origin), extensionLines.allSatisfy(Self.isLine),
      size <= Frontier.maximumSize
    else {
      throw PeerChartError(.invalid, "a line of the checkpoint is empty or has control characters")
    }
    self.origin = origin
    self.size = size
    self.root = root
    self.extensionLines = extensionLines
  }

  private static func isLine(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 }
  }

  /// The note text: origin, size, root and extension lines, each ended by a newline.
  public var text: String {
    let lines = [origin, String(size), root.base64] + extensionLines
    return lines.map { $0 + "\n" }.joined()
  }

  /// Parses a note text; strict, so that `text` gives it back unchanged. Throws `malformed` with
  /// the line at fault.
  public init(parsing text: String) throws(PeerChartError) {
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { Substring($0) }
    guard lines.count >= 4, lines.popLast()?.isEmpty == true else {
      throw PeerChartError(.malformed, "a checkpoint has three lines at least")
    }
    guard let size = Decimal.parse(lines[1].utf8), size <= Frontier.maximumSize else {
      throw PeerChartError(.malformed, "the size is not a number in its one form", place: "line 2")
    }
    guard let root = Hash(base64: lines[2]) else {
      throw PeerChartError(.malformed, "the root is not a hash in base64", place: "line 3")
    }
    do {
      try self.init(
        origin: String(lines[0]), size: size, root: root,
        extensionLines: lines[3...].map(String.init))
    } catch {
      throw PeerChartError(.malformed, error.reason)
    }
  }
}
