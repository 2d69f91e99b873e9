/// The codes of the value sets that R4 and US Core bind elements to, as far as they can be listed: sets
/// over SNOMED CT, LOINC and other systems that are not at hand are known to be over these systems.
///
/// `Scripts/generate-profile-table.py` writes the text: `@` begins a code system with its codes below,
/// divided by tabs; `#` a value set with a line for each system in it: `=` the codes below, `*` all
/// codes of the system, `?` codes that are not listed here (`?*` of any system).
public struct CodeTable: Sendable {
  /// Whether a code is in a value set.
  public enum Membership: Sendable { case inside, outside, unknown }

  /// What R4 and US Core bind.
  public static let standard = CodeTable(parsing: text)

  private enum Codes {
    case listed(Set<String>)
    case all
    case unknown
  }

  private let systems: [String: Set<String>]
  private let sets: [String: [String: Codes]]

  init(parsing text: StaticString) {
    var systems: [String: Set<String>] = [:]
    var sets: [String: [String: Codes]] = [:]
    var set: String?
    var system = ""
    text.withUTF8Buffer { buffer in
      for line in buffer.split(separator: 0x0A) {
        switch line.first {
        case 0x40:
          set = nil
          system = String(decoding: line.dropFirst(), as: UTF8.self)
        case 0x23:
          set = String(decoding: line.dropFirst(), as: UTF8.self)
          sets[set ?? ""] = [:]
        default:
          let content = line.dropFirst()
          if content.first == 0x20 {
            let codes = content.dropFirst().split(separator: 0x09).map {
              String(decoding: $0, as: UTF8.self)
            }
            if let set {
              if case .listed(let before)? = sets[set]?[system] {
                sets[set]?[system] = .listed(before.union(codes))
              }
            } else {
              systems[system, default: []].formUnion(codes)
            }
          } else if let set {
            system = String(decoding: content.dropFirst(), as: UTF8.self)
            sets[set]?[system] =
              switch content.first {
              case 0x2A: .all
              case 0x3D: .listed([])
              default: .unknown
              }
          }
        }
      }
    }
    self.systems = systems
    self.sets = sets
  }

  /// Whether a value set holds a code. `key` is `StructureElement.Binding.valueSet`. Without a system,
  /// as an element of type `code` has none, any system of the set will do.
  public func contains(_ code: String, system: String?, in key: String) -> Membership {
    guard let set = sets[key] else { return .unknown }
    var isUnknown = false
    for (name, codes) in set where system == nil || name == system || name == "*" {
      switch codes {
      case .listed(let listed): if listed.contains(code) { return .inside }
      case .all: if systems[name]?.contains(code) ?? false { return .inside }
      case .unknown: isUnknown = true
      }
    }
    return isUnknown ? .unknown : .outside
  }

  /// The keys of the value sets that something is known of.
  public var keys: [String] { sets.keys.sorted() }
}
