/// Which module may use which (docs/architecture.md). Written here once more, by hand, so that an
/// edit of `Package.swift` cannot change the rule together with the graph.
enum ArrowRules {
  /// The order of the layers: a module may use those in the layers before its own, and no others.
  static let layers: [Set<String>] = [
    [
      "CArgon2", "CSodium", "CZstd", "CZlib", "CQREncode", "CLibXML2", "CLibPQ", "CSecp256k1",
      "CSpawn",
    ],
    ["Primitives"],
    ["SecDocument", "TransparencyLog", "FHIR", "Identity", "Vault"],
    ["ClinicalFormats", "Consent", "Deidentification", "Audit"],
    ["Compliance"],
    ["Exchange"],
    ["Storage", "PeerNetwork", "Web"],
    ["Node"],
    // The last two are for tests, and nothing of the program may use them.
    ["peerchart", "peerchart-bench", "SearchOracle", "TestSupport"],
  ]

  /// Modules that only compute. They use nothing from outside but cryptography and encodings.
  static let pure: Set<String> = [
    "Primitives", "FHIR", "TransparencyLog", "SecDocument", "Consent", "Audit", "Identity", "Vault",
    "Exchange", "ClinicalFormats", "Deidentification", "Compliance", "SearchOracle",
  ]
  static let pureProducts: Set<String> = ["Crypto", "CryptoExtras", "X509", "SwiftASN1"]

  /// The one door: what faces the network gets records from `Exchange` and from nowhere else.
  static let facing: Set<String> = ["Web", "PeerNetwork"]
  static let behindTheDoor: Set<String> = ["Storage", "Vault"]

  /// Who alone may use a product, by the beginning of its name.
  static let owners: [(prefix: String, modules: Set<String>)] = [
    // The benchmarks insert the same bytes into bare SQLite, to have something to be compared with.
    ("GRDB", ["Storage", "peerchart-bench"]),
    ("Hummingbird", ["Web", "Node"]),
    ("Mustache", ["Web"]),
    // The store reaches its blobs at a service as it reaches its database.
    ("AsyncHTTPClient", ["PeerNetwork", "Storage"]),
    // The benchmarks serve the same bytes with nothing else around them.
    ("NIO", ["Web", "PeerNetwork", "Storage", "Node", "peerchart-bench"]),
    ("ArgumentParser", ["peerchart", "peerchart-bench"]),
  ]

  /// What is wrong with a graph, one line a fault; empty if nothing is.
  static func faults(in graph: PackageGraph) -> [String] {
    graph.targets.filter { !$0.isTest }.flatMap { target in
      layerFaults(of: target) + doorFaults(of: target, in: graph) + productFaults(of: target)
    }
  }

  private static func layer(of module: String) -> Int? {
    layers.firstIndex { $0.contains(module) }
  }

  private static func layerFaults(of target: PackageGraph.Target) -> [String] {
    guard let own = layer(of: target.name) else {
      return ["\(target.name) has no place in the layers"]
    }
    return target.modules.sorted().compactMap { used in
      guard let other = layer(of: used), other >= own else { return nil }
      return "\(target.name) → \(used) is against the order"
    }
  }

  private static func doorFaults(
    of target: PackageGraph.Target, in graph: PackageGraph
  ) -> [String] {
    guard facing.contains(target.name) else { return [] }
    let direct = target.modules.intersection(behindTheDoor)
    // Exchange itself uses the Vault; the store must not be reached on any way.
    let indirect = graph.reach(of: target.name).intersection(["Storage"])
    return direct.union(indirect).sorted().map { "\(target.name) → \($0) goes round the door" }
  }

  private static func productFaults(of target: PackageGraph.Target) -> [String] {
    target.products.sorted().compactMap { product in
      if pure.contains(target.name), !pureProducts.contains(product) {
        return "\(target.name) only computes and may not use \(product)"
      }
      if let owner = owners.first(where: { product.hasPrefix($0.prefix) }),
        !owner.modules.contains(target.name)
      {
        return "\(product) is not for \(target.name)"
      }
      return nil
    }
  }
}
