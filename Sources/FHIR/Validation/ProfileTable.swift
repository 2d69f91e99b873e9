import Synchronization

/// The profiles that can be validated: those of R4 itself, with its extensions, and US Core 6.1.0 and
/// 8.0.0. Found at once, read when first asked for.
///
/// `Scripts/generate-profile-table.py` writes the texts. A line without indentation begins a profile:
/// key, `|`, version, type. Elements follow, one space for each level:
///
///     name:slice 1..2 t=Reference(Patient)|Extension~us/x =r:set !key,key /o:value@code Fjson
///
/// with what the profile changes only: cardinality, types with targets and profiles, binding (r
/// required, e extensible), invariants, slicing (o open, c closed, e open at end, + ordered) by its
/// discriminators, and a fixed (`F`) or pattern (`P`) value up to the end of the line.
final class ProfileTable: Sendable {
  static let standard = ProfileTable([r4Text, usCore6Text, usCore8Text])

  private struct Entry {
    let key: String
    let version: String
    let type: String
    let lines: Range<Int>
  }

  private let lines: [Substring]
  private let entries: [Entry]
  /// The places of all versions of a profile, the newest first.
  private let byKey: [String: [Int]]
  private let read = Mutex<[Int: Profile]>([:])

  init(_ texts: [StaticString]) {
    let lines = texts.flatMap { $0.description.split(separator: "\n") }
    var entries: [Entry] = []
    var byKey: [String: [Int]] = [:]
    var heads = lines.indices.filter { lines[$0].utf8.first != 0x20 }
    heads.append(lines.count)
    for (start, end) in zip(heads, heads.dropFirst()) {
      let words = lines[start].split(separator: " ", maxSplits: 2)
      guard let name = words.first?.split(separator: "|"), name.count == 2, words.count > 1 else {
        continue
      }
      let entry = Entry(
        key: String(name[0]), version: String(name[1]), type: String(words[1]), lines: start..<end)
      // The texts go from old to new.
      byKey[entry.key, default: []].insert(entries.count, at: 0)
      entries.append(entry)
    }
    self.lines = lines
    self.entries = entries
    self.byKey = byKey
  }

  /// All versions of a profile that a canonical URL names, the newest first; with a version only that.
  func profiles(_ canonical: String) -> [Profile] {
    let parts = canonical.split(separator: "|", maxSplits: 1)
    guard let url = parts.first else { return [] }
    return (byKey[Self.key(of: String(url))] ?? []).compactMap { index in
      parts.count == 1 || parts[1] == entries[index].version ? profile(index) : nil
    }
  }

  /// The profile of that key that a profile of some version means: of the same version where there is
  /// one.
  func profile(_ key: String, near version: String) -> Profile? {
    guard let versions = byKey[key] else { return nil }
    let same = versions.first { entries[$0].version == version }
    return (same ?? versions.first).flatMap { profile($0) }
  }

  /// The type that a profile constrains, or the type of that name itself.
  func type(of key: String) -> String? {
    byKey[key]?.first.map { entries[$0].type } ?? (StructureTable.r4.type(key) == nil ? nil : key)
  }

  /// The canonical URLs, each with its versions.
  var canonicals: [String] {
    entries.map { Self.url(of: $0.key) + "|" + $0.version }
  }

  private func profile(_ index: Int) -> Profile? {
    if let known = read.withLock({ $0[index] }) { return known }
    let entry = entries[index]
    var reader = ProfileReader(lines[entry.lines])
    let profile = Profile(
      key: entry.key, version: entry.version, type: entry.type, root: reader.root(entry.type))
    read.withLock { $0[index] = profile }
    return profile
  }

  private static let core = "http://hl7.org/fhir/StructureDefinition/"
  private static let usCore = "http://hl7.org/fhir/us/core/StructureDefinition/"

  /// A canonical URL without its common beginning.
  static func key(of url: String) -> String {
    if url.hasPrefix(core) { return String(url.dropFirst(core.count)) }
    if url.hasPrefix(usCore) { return "us/" + url.dropFirst(usCore.count) }
    return url
  }

  /// The canonical URL of a key.
  static func url(of key: String) -> String {
    if key.hasPrefix("us/") { return usCore + key.dropFirst(3) }
    return key.contains(":") ? key : core + key
  }
}
