public import Primitives

/// What a write did.
public struct StoredResource: Sendable {
  /// How the store has changed.
  public enum Effect: Sendable { case created, updated, deleted, unchanged }
  public let effect: Effect
  public let resource: ReleasedResource
}

/// One page of a search or a history.
public struct ResourcePage: Sendable {
  /// The matches of a search, or the versions of a history.
  public let resources: [ReleasedResource]
  /// What the matches drew in by `_include` and `_revinclude`.
  public let included: [ReleasedResource]
  /// The number of all matches, where it was asked for and is known.
  public let total: Int?
  /// Sealed; nil on the last page.
  public let next: String?
  /// The pairs of the query that were followed, and the names of those left out of account.
  public let used: [(name: String, value: String)]
  public let ignored: [String]

  init(
    matches: [ReleasedResource], included: [ReleasedResource] = [], total: Int?,
    next: String? = nil, used: [(name: String, value: String)] = [], ignored: [String] = []
  ) {
    resources = matches
    self.included = included
    self.total = total
    self.next = next
    self.used = used
    self.ignored = ignored
  }
}

/// The effect of one entry of a batch or transaction, in the order of the entries.
public enum EntryOutcome: Sendable {
  case stored(StoredResource)
  case read(ReleasedResource)
  case searched(ResourcePage)
  /// The versions of a record.
  case listed(ResourcePage)
  /// A delete of what was not there.
  case absent
  /// Only in a batch; in a transaction the first refusal refuses the whole.
  case refused(PeerChartError)
}
