import FHIR
import Primitives

/// The newest observations of each kind, while all are gone through (R4 `$lastn`): observations are of
/// one kind when they have a code in common, be it a translation.
struct LatestGroups {
  /// More kinds than this are not told apart in one answer.
  private static let most = 2000

  private struct Kept {
    let position: SearchPosition
    let found: FoundRecord
  }

  private let keys: [SearchSortKey]
  private let size: Int
  private var groupOfCode: [String: Int] = [:]
  private var groups: [Int: [Kept]] = [:]

  /// - Parameters:
  ///   - keys: newest first.
  ///   - size: how many of each kind are kept.
  init(_ keys: [SearchSortKey], size: Int) {
    self.keys = keys
    self.size = size
  }

  /// - Throws: `tooCostly` for too many kinds.
  mutating func add(_ found: FoundRecord, at entry: IndexEntryPosition) throws {
    let resource = try found.resource()
    let codes = Self.codes(of: resource)
    var position = SearchPosition(entry: entry)
    position.values = keys.map { $0.value(of: resource) }
    let known = Set(codes.compactMap { groupOfCode[$0] }).sorted()
    let group = known.first ?? groupOfCode.count
    var kept = groups[group] ?? []
    for other in known.dropFirst() { kept += groups.removeValue(forKey: other) ?? [] }
    if known.count > 1 {
      for (code, other) in groupOfCode where known.contains(other) { groupOfCode[code] = group }
    }
    for code in codes { groupOfCode[code] = group }
    guard groupOfCode.count <= Self.most else {
      throw PeerChartError(
        .tooCostly, "the observations have too many different codes; narrow by category or code")
    }
    kept.append(Kept(position: position, found: found))
    kept.sort { $0.position.precedes($1.position, keys) }
    groups[group] = Array(kept.prefix(size))
  }

  /// Kind by kind, newest first.
  var found: [FoundRecord] { groups.sorted { $0.key < $1.key }.flatMap(\.value).map(\.found) }

  private static func codes(of observation: Resource) -> [String] {
    guard let code = observation.root["code"] else { return [""] }
    let codings = code["coding"].map { Array($0.elements) } ?? []
    let codes = codings.compactMap { coding in
      coding["code"]?.string.map { "\(coding["system"]?.string ?? "")|\($0)" }
    }
    return codes.isEmpty ? [code["text"]?.string ?? ""] : codes
  }
}
