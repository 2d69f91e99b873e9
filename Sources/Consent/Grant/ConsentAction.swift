/// What may be done with a record.
public enum ConsentAction: String, CaseIterable, Hashable, Sendable {
  /// Open one record whose address is known.
  case read
  /// Find records by their content.
  case search
  /// Create, change or delete records.
  case write
  /// Take records out as a file.
  case export
  /// Pass records on to a third party.
  case redisclose
}

extension ConsentAction {
  var mask: UInt8 {
    switch self {
    case .read: 1
    case .search: 2
    case .write: 4
    case .export: 8
    case .redisclose: 16
    }
  }
}

/// A set of actions as a bit mask.
public struct ActionSet: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public init(_ action: ConsentAction) { rawValue = action.mask }

  public init(_ actions: some Sequence<ConsentAction>) {
    rawValue = actions.reduce(0) { $0 | $1.mask }
  }

  public static let read = ActionSet(.read)
  public static let search = ActionSet(.search)
  public static let write = ActionSet(.write)
  public static let export = ActionSet(.export)
  public static let redisclose = ActionSet(.redisclose)
  public static let all = ActionSet(ConsentAction.allCases)

  /// Whether the set has the action.
  public func contains(_ action: ConsentAction) -> Bool { rawValue & action.mask != 0 }

  /// The members, in the order of `ConsentAction.allCases`.
  public var actions: [ConsentAction] { ConsentAction.allCases.filter(contains) }
}
