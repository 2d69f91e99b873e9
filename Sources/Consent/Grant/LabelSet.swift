public import FHIR

/// A set of sensitivity labels (DS4P) as a bit mask, with one bit more for *ordinary* records, those
/// that carry no label (FHIR Confidentiality `N`).
///
/// The extra bit makes "is every label of this record granted" one comparison, also where a grant
/// opens labelled records only.
public struct LabelSet: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Records without a sensitivity label.
  public static let ordinary = LabelSet(rawValue: 1)
  public static let substanceUse = LabelSet(.substanceUse)
  public static let mentalHealth = LabelSet(.mentalHealth)
  public static let hiv = LabelSet(.hiv)
  public static let reproductive = LabelSet(.reproductive)
  public static let genetic = LabelSet(.genetic)
  /// All sensitivity labels, without `ordinary`.
  public static let sensitive = LabelSet(
    rawValue: SensitivityLabel.allCases.reduce(0) { $0 | $1.mask })
  /// Ordinary records and every label.
  public static let all: LabelSet = [.ordinary, .sensitive]

  public init(_ label: SensitivityLabel) { rawValue = label.mask }

  /// What a record with these labels needs: exactly these, or `ordinary` where there are none.
  public init(ofRecord labels: some Collection<SensitivityLabel>) {
    // Nearly every record has none, and every decision comes through here.
    rawValue =
      labels.isEmpty ? LabelSet.ordinary.rawValue : labels.reduce(UInt8(0)) { $0 | $1.mask }
  }

  /// The sensitivity labels among the members, in the order of `SensitivityLabel.allCases`.
  public var labels: [SensitivityLabel] {
    SensitivityLabel.allCases.filter { rawValue & $0.mask != 0 }
  }

  /// The set as the labels of one record: `ordinary` exactly where there is nothing else.
  var asRecord: LabelSet {
    let sensitive = intersection(.sensitive)
    return sensitive.isEmpty ? .ordinary : sensitive
  }
}

extension SensitivityLabel {
  /// A stable bit, written out so that a new case cannot shift the others.
  var mask: UInt8 {
    switch self {
    case .substanceUse: 1 << 1
    case .mentalHealth: 1 << 2
    case .hiv: 1 << 3
    case .reproductive: 1 << 4
    case .genetic: 1 << 5
    }
  }
}
