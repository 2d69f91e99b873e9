/// What a write rests on when it was planned from a search: the candidates that the search looked at.
///
/// The transaction that stores the result compares them with what is there then. So two clients that
/// create the same thing under the same condition at the same time end up with one.
struct SearchPremise: Sendable {
  let plan: SearchPlan
  let positions: [IndexEntryPosition]

  func holds(in snapshot: any StoreSnapshot) throws -> Bool {
    guard try plan.isStillMissing(in: snapshot) else { return false }
    var candidates = try plan.candidates(now: snapshot)
    for position in positions {
      guard try candidates.next() == position else { return false }
    }
    return try candidates.next() == nil
  }
}
