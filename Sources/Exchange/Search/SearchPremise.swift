/// What a write rests on when it was planned from a search: the index entries that the search looked at.
///
/// The transaction that stores the result compares them with what is there then. So two clients that
/// create the same thing under the same condition at the same time end up with one.
struct SearchPremise: Sendable {
  let lists: [[UInt64]]
  let slot: Int64?
  /// The blind tag of a patient who had no chart, so that there was nothing to look at.
  let missingChart: [UInt8]?
  let positions: [IndexEntryPosition]

  func holds(in snapshot: any StoreSnapshot) throws -> Bool {
    if let missingChart { return try snapshot.chart(tag: missingChart) == nil }
    var candidates = Candidates(
      walks: lists.map { IndexWalk(snapshot: snapshot, slot: slot, tokens: $0, after: nil) })
    for position in positions {
      guard try candidates.next() == position else { return false }
    }
    return try candidates.next() == nil
  }
}
