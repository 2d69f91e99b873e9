public import FHIR

/// A set of record types as a bit mask, so that a decision compares words and not strings.
public struct RecordTypeSet: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public init(_ type: RecordType) { rawValue = 1 << type.bit }

  public init(_ types: some Sequence<RecordType>) {
    rawValue = types.reduce(0) { $0 | 1 << $1.bit }
  }

  /// Every record type there is. Sensitivity labels are another matter: see `LabelSet`.
  public static let all = RecordTypeSet(RecordType.allCases)

  /// What break-glass opens without further justification.
  public static let emergency = RecordTypeSet([.allergies, .medications, .problems])

  /// Whether the set has the type.
  public func contains(_ type: RecordType) -> Bool { rawValue & (1 << type.bit) != 0 }

  /// The members, in the order of `RecordType.allCases`.
  public var types: [RecordType] { RecordType.allCases.filter(contains) }
}

extension RecordType {
  /// A stable position, written out so that a new case cannot shift the others.
  var bit: UInt32 {
    switch self {
    case .demographics: 0
    case .problems: 1
    case .medications: 2
    case .allergies: 3
    case .immunizations: 4
    case .labResults: 5
    case .vitalSigns: 6
    case .progressNotes: 7
    case .dischargeSummaries: 8
    case .radiologyReports: 9
    case .insurance: 10
    case .claims: 11
    case .procedures: 12
    case .encounters: 13
    case .carePlans: 14
    case .devices: 15
    case .other: 16
    }
  }
}
