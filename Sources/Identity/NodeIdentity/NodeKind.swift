/// What sort of party runs a node; it decides which policy profile applies.
public enum NodeKind: String, Sendable, CaseIterable {
  /// A person or family with their own charts.
  case household
  /// A hospital, practice, pharmacy, laboratory, agency.
  case organization

  /// The number in signed bytes. Numbers are never reused.
  var code: UInt8 {
    switch self {
    case .household: 1
    case .organization: 2
    }
  }

  init?(code: UInt8) {
    guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = kind
  }
}
