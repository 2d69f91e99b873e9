import Foundation

/// What `swift package dump-package` tells about targets and what each of them uses.
struct PackageGraph {
  struct Target {
    let name: String
    let isTest: Bool
    /// Targets of this package.
    let modules: Set<String>
    /// Products of other packages.
    let products: Set<String>
  }

  let targets: [Target]

  init(targets: [Target]) { self.targets = targets }

  /// Reads the JSON of `swift package dump-package`.
  init(dump: Data) throws {
    let decoded = try JSONDecoder().decode(Dump.self, from: dump)
    let names = Set(decoded.targets.map(\.name))
    targets = decoded.targets.map { target in
      let used = Set(target.dependencies.map(\.name))
      return Target(
        name: target.name, isTest: target.type == "test",
        modules: used.intersection(names), products: used.subtracting(names))
    }
  }

  /// Every target of this package that `name` uses, however far down.
  func reach(of name: String) -> Set<String> {
    var found: Set<String> = []
    var open = [name]
    while let next = open.popLast() {
      for module in targets.first(where: { $0.name == next })?.modules ?? []
      where found.insert(module).inserted {
        open.append(module)
      }
    }
    return found
  }
}

private struct Dump: Decodable {
  let targets: [Target]

  struct Target: Decodable {
    let name: String
    let type: String
    let dependencies: [Dependency]
  }

  /// `{"byName": ["FHIR", null]}`, `{"target": […]}` or `{"product": ["Crypto", "swift-crypto", …]}`.
  struct Dependency: Decodable {
    let name: String

    init(from decoder: any Decoder) throws {
      let single = try decoder.singleValueContainer().decode([String: [JSONScrap]].self)
      guard case .text(let name)? = single.first?.value.first, single.count == 1 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "a dependency of a new form"))
      }
      self.name = name
    }
  }

  /// A dependency's name, or one of the conditions behind it, which do not matter here.
  enum JSONScrap: Decodable {
    case text(String)
    case other

    init(from decoder: any Decoder) throws {
      let text = try? decoder.singleValueContainer().decode(String.self)
      self = text.map(JSONScrap.text) ?? .other
    }
  }
}
