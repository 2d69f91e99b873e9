/// Something in a stored log that does not fit.
public struct LogFinding: Hashable, Sendable {
  /// Where in the stored log.
  public enum Place: Hashable, Sendable {
    /// The entry at this index, the first being 0.
    case entry(UInt64)
    /// The tile root at this level (1 or more) and index.
    case tile(level: Int, index: UInt64)
    /// The table of tile roots as a whole.
    case tiles
    /// The checkpoint of this size.
    case checkpoint(UInt64)
  }

  /// What is wrong there.
  public enum Problem: String, CaseIterable, Sendable {
    case entryMissing = "entry-missing"
    case entryOutOfOrder = "entry-out-of-order"
    case entryDoesNotOpen = "entry-does-not-open"
    case entryMalformed = "entry-malformed"
    case leafHashDiffers = "leaf-hash-differs"
    case columnDiffers = "column-differs"
    case tileRootMissing = "tile-root-missing"
    case tileRootDiffers = "tile-root-differs"
    case tileRootSuperfluous = "tile-root-superfluous"
    case checkpointMalformed = "checkpoint-malformed"
    case checkpointOutOfOrder = "checkpoint-out-of-order"
    case checkpointSizeDiffers = "checkpoint-size-differs"
    case checkpointSignatureBad = "checkpoint-signature-bad"
    case checkpointRootDiffers = "checkpoint-root-differs"
    case checkpointBeyondLog = "checkpoint-beyond-log"
  }

  public let place: Place
  public let problem: Problem
  /// What to tell people; without health information.
  public let explanation: String

  init(_ place: Place, _ problem: Problem, _ explanation: String) {
    self.place = place
    self.problem = problem
    self.explanation = explanation
  }
}

extension LogFinding.Place: CustomStringConvertible {
  public var description: String {
    switch self {
    case .entry(let index): "entry \(index)"
    case .tile(let level, let index): "tile root \(index) of level \(level)"
    case .tiles: "the tile roots"
    case .checkpoint(let size): "checkpoint of size \(size)"
    }
  }
}

extension LogFinding: CustomStringConvertible {
  public var description: String { "\(place): \(problem.rawValue): \(explanation)" }
}
