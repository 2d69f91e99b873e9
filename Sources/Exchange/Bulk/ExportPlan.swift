import Primitives

/// What a bulk export covers, and where the work stands. There is no copy of anything in it: a file is a
/// range of the index, walked again when it is read.
struct ExportPlan: Codable, Sendable {
  enum Level: Codable, Sendable {
    case system
    case patients
    /// The members that the Group had in this version.
    case group(id: String, version: Int64)
  }

  var level: Level
  /// Only these patients' charts; nil for all.
  var patients: [String]?
  /// In the order in which they are walked.
  var types: [String]
  /// By type: searches of which a record has to match one. Types that are not in it come whole.
  var filters: [String: [String]] = [:]
  /// By type, or "" for every type: the elements wanted.
  var elements: [String: [String]] = [:]
  /// Only what has changed after this, in milliseconds since 1970.
  var since: Int64?
  /// What was newest at this time is exported.
  var time: Int64

  // MARK: Where the work stands

  /// The number of the type that is walked; beyond the types come the deletions.
  var lane = 0
  /// The last entry of the index that was looked at in it.
  var place: ExportPlace?
  /// In the chart that is walked, the first entry that was stored since the time of the export.
  var firstNew: ExportPlace?
  /// The file that is being filled.
  var open: ExportShard?
  var shards: [ExportShard] = []

  var found: Int { shards.reduce(open?.count ?? 0) { $0 + $1.count } }
  /// After the types, `_since` has one more: what was deleted.
  var lanes: Int { types.count + (since == nil ? 0 : 1) }
}

/// A place in the order of the index.
struct ExportPlace: Codable, Sendable, Hashable, Comparable {
  var slot: Int64
  var row: Int64

  init(slot: Int64, row: Int64) {
    self.slot = slot
    self.row = row
  }

  init(_ entry: IndexEntryPosition) { self.init(slot: entry.slot, row: entry.row) }

  var entry: IndexEntryPosition { IndexEntryPosition(slot: slot, row: row) }

  /// The end of a chart.
  static func end(of slot: Int64) -> ExportPlace { ExportPlace(slot: slot, row: .max) }
  static let end = ExportPlace(slot: .max, row: .max)

  static func < (a: Self, b: Self) -> Bool { (a.slot, a.row) < (b.slot, b.row) }
}

/// One file of an export: the records of a type between two places of the index, as they stood at the
/// time of the export.
struct ExportShard: Codable, Sendable {
  /// Nil for deletions.
  var type: String?
  /// Behind this place; nil from the beginning.
  var from: ExportPlace?
  /// Up to this place.
  var through: ExportPlace = .end
  /// Where the file ends in the middle of a chart: behind which row of it what has changed since may lie.
  var tail: Int64?
  /// How many records the caller might export when it was planned.
  var count = 0

  func contains(_ place: ExportPlace) -> Bool {
    (from.map { $0 < place } ?? true) && place <= through
  }

  /// Whether it ends in the middle of a chart.
  var splitsChart: Bool { through.row != .max }
}

extension ExportPlan {
  /// Counts a record that stands at a place.
  ///
  /// - Parameters:
  ///   - place: where the record stood at the time of the export.
  ///   - start: the place that was looked at before.
  ///   - size: the most records in a file.
  mutating func count(at place: ExportPlace, type: String?, from start: ExportPlace?, size: Int) {
    if let full = open, full.count >= size { close(at: start ?? .end) }
    // A record that has changed since lies further on in its chart than it did: perhaps its file is closed.
    for index in shards.indices.reversed() {
      guard shards[index].type == type, shards[index].through.slot == place.slot else { break }
      guard shards[index].contains(place) else { continue }
      shards[index].count += 1
      return
    }
    open = open ?? ExportShard(type: type, from: shards.last { $0.type == type }?.through)
    open?.count += 1
  }

  /// Ends the file that is being filled.
  mutating func close(at place: ExportPlace) {
    guard var shard = open else { return }
    shard.through = place
    if place.row != .max, let firstNew, firstNew.slot == place.slot {
      shard.tail = firstNew.row - 1
    }
    shards.append(shard)
    open = nil
  }

  /// The walk leaves a chart: a file that is half full ends here rather than in the middle of the next.
  mutating func leave(_ place: ExportPlace, size: Int) {
    settleTails(in: place.slot, behind: place.row)
    if let shard = open, shard.count * 2 >= size { close(at: .end(of: place.slot)) }
  }

  /// The walk meets an entry that was stored since the time of the export: so were all behind it.
  mutating func meetNew(_ entry: ExportPlace) {
    guard firstNew?.slot != entry.slot else { return }
    firstNew = entry
    settleTails(in: entry.slot, behind: entry.row - 1)
  }

  /// Says of files that end within a chart where what has changed in it lies.
  private mutating func settleTails(in slot: Int64, behind row: Int64) {
    for index in shards.indices.reversed() {
      guard shards[index].through.slot == slot, shards[index].splitsChart else { break }
      shards[index].tail = shards[index].tail ?? row
    }
  }

  /// The walk of a type is over.
  mutating func endLane() {
    if let place { settleTails(in: place.slot, behind: place.row) }
    close(at: .end)
    // What is stored behind the last file while it is read belongs to it.
    if let last = shards.indices.last, let type = shards[last].type,
      lane < types.count, type == types[lane], !shards[last].splitsChart
    {
      shards[last].through = .end
    }
    lane += 1
    place = nil
    firstNew = nil
  }

  /// The name of a file, and back.
  func name(_ index: Int) -> String {
    let type = shards[index].type
    let number = shards[...index].count { $0.type == type }
    return "\(type ?? "deleted").\(number).ndjson"
  }

  func shard(named name: String) -> ExportShard? {
    shards.indices.first { self.name($0) == name }.map { shards[$0] }
  }
}
