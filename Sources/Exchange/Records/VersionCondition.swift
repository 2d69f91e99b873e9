import Primitives

/// Which version of a record a write expects to find (`If-Match`, `If-None-Match: *`).
public enum VersionCondition: Sendable, Equatable {
  case any
  /// The newest version must be this one.
  case version(Int64)
  /// There must be no such record now.
  case absent

  /// - Throws: `preconditionFailed`.
  func check(against newest: VersionRow?) throws {
    switch self {
    case .any: return
    case .version(let number):
      guard newest?.number == number else {
        throw PeerChartError(
          .preconditionFailed, "the record is not at the version that If-Match names; read it again"
        )
      }
    case .absent:
      guard newest?.isDeleted ?? true else {
        throw PeerChartError(.preconditionFailed, "there is such a record already")
      }
    }
  }
}
