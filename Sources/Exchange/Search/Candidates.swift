/// The positions to look at, in their order: those that several walks have in common, or known ones.
struct Candidates {
  private var walks: [IndexWalk]
  private var known: ArraySlice<IndexEntryPosition>

  init(walks: [IndexWalk]) {
    self.walks = walks
    known = []
  }

  /// - Parameter known: sorted.
  init(known: [IndexEntryPosition]) {
    walks = []
    self.known = known[...]
  }

  mutating func next() throws -> IndexEntryPosition? {
    guard !walks.isEmpty else { return known.popFirst() }
    guard var position = try walks[0].next() else { return nil }
    var agreeing = 1
    var walk = 1
    while agreeing < walks.count {
      if walk == walks.count { walk = 0 }
      walks[walk].skip(to: position)
      guard let found = try walks[walk].next() else { return nil }
      if found == position {
        agreeing += 1
      } else {
        position = found
        agreeing = 1
      }
      walk += 1
    }
    return position
  }
}
