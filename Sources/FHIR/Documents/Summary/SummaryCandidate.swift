/// A record that belongs into a section, with what decides whether it finds room there.
struct SummaryCandidate: Sendable {
  let record: Resource
  let target: ReferenceTarget
  let section: SummarySection
  let rank: Rank
  /// What it is sorted by, in milliseconds since 1970; the newest first.
  let date: Int64?
  /// Of records with one key only the newest counts; nil where all count.
  let key: String?

  /// What stands first in its section.
  enum Rank: Int, Sendable, Comparable {
    case current, past
    /// It says that there is nothing.
    case absence

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// Whether this one stands before another in their section. No two records are equal in this order.
  func precedes(_ other: SummaryCandidate) -> Bool {
    if rank != other.rank { return rank < other.rank }
    if date != other.date { return (date ?? .min) > (other.date ?? .min) }
    if target.type != other.target.type { return target.type < other.target.type }
    return target.id < other.target.id
  }
}

extension SummaryCandidate {
  /// Nil for a record that belongs into no section, or whose status keeps it out.
  init?(_ record: Resource) {
    guard let target = record.target, let place = SummaryPlace(record) else { return nil }
    self.record = record
    self.target = target
    section = place.section
    let concept =
      record.root["code"] ?? record.root["medicationCodeableConcept"] ?? record.root["vaccineCode"]
    rank = SummaryCodes.isAbsence(concept) ? .absence : place.rank
    date = place.dates.lazy.compactMap { Self.date(record.root[$0]) }.first
    key = place.isNewestOnly ? Self.key(record) : nil
  }

  private static func date(_ value: JSONValue?) -> Int64? {
    guard let value else { return nil }
    let text =
      value.string ?? (value["start"] ?? value["end"])?.string
      ?? value["event"]?.elements.first { _ in true }?.string
    return text.flatMap { DateInterval(parsing: $0)?.start }
  }

  /// What was measured or reported, by its first code, else by its text.
  private static func key(_ record: Resource) -> String? {
    let code = record.root["code"]
    let coding = code?["coding"]?.elements.first { $0["code"]?.string != nil }
    let name =
      coding.map { "\($0["system"]?.string ?? "")|\($0["code"]?.string ?? "")" }
      ?? code?["text"]?.string
    return name.map { "\(record.type) \($0)" }
  }
}
