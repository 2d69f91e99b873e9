/// The records of one section, never more than it lists, whatever the order in which they come.
struct SummaryList: Sendable {
  let section: SummarySection
  private(set) var listed: [SummaryCandidate] = []
  /// How many records belong into the section.
  private var eligible = 0

  init(_ section: SummarySection) { self.section = section }

  /// How many of them are not listed.
  var leftOut: Int { eligible - listed.count }

  /// Adds a record that belongs here.
  ///
  /// - Returns: the one that finds no room any more, which may be this one.
  mutating func add(_ candidate: SummaryCandidate) -> SummaryCandidate? {
    eligible += 1
    if let key = candidate.key, let known = listed.firstIndex(where: { $0.key == key }) {
      guard candidate.precedes(listed[known]) else { return candidate }
      let older = listed.remove(at: known)
      insert(candidate)
      return older
    }
    insert(candidate)
    return listed.count > section.limit ? listed.popLast() : nil
  }

  private mutating func insert(_ candidate: SummaryCandidate) {
    let place = listed.firstIndex { candidate.precedes($0) } ?? listed.endIndex
    listed.insert(candidate, at: place)
  }

  /// Without statements that there is nothing where there is something.
  func settled() -> SummaryList {
    guard listed.contains(where: { $0.rank == .current }) else { return self }
    var settled = self
    settled.listed.removeAll { $0.rank == .absence }
    return settled
  }
}
