import Foundation
import Testing

/// Rule 1, the one door, and the order of the arrows, read from the package and from the sources.
@Suite struct ArchitectureTests {
  @Test func thePackageKeepsTheArrows() async throws {
    let graph = try PackageGraph(dump: await Repository.dumpPackage())
    #expect(graph.targets.contains { $0.name == "Web" && $0.modules.contains("Exchange") })
    #expect(graph.targets.contains { $0.name == "Storage" && $0.products.contains("GRDB") })
    #expect(ArrowRules.faults(in: graph) == [])
  }

  @Test func theSourcesImportNothingTheyMayNot() throws {
    let sources = try ImportRules.sources(below: Repository.root.appending(path: "Sources"))
    #expect(
      Set(sources.map(\.module)).isSuperset(of: ["Primitives", "Web", "PeerNetwork", "Node"]))
    #expect(sources.flatMap(ImportRules.faults) == [])
  }

  @Test func aGoodGraphHasNoFault() throws {
    #expect(ArrowRules.faults(in: try graph()) == [])
  }

  @Test(arguments: [
    ("Web", #"{"byName":["Storage",null]}"#, "Web → Storage goes round the door"),
    ("Web", #"{"target":["Vault",null]}"#, "Web → Vault goes round the door"),
    ("PeerNetwork", #"{"byName":["Storage",null]}"#, "PeerNetwork → Storage goes round the door"),
    ("PeerNetwork", #"{"byName":["Vault",null]}"#, "PeerNetwork → Vault goes round the door"),
    ("Exchange", #"{"byName":["Storage",null]}"#, "Web → Storage goes round the door"),
    ("Exchange", #"{"byName":["Web",null]}"#, "Exchange → Web is against the order"),
    ("FHIR", #"{"byName":["Consent",null]}"#, "FHIR → Consent is against the order"),
    ("FHIR", #"{"byName":["Vault",null]}"#, "FHIR → Vault is against the order"),
    (
      "Consent", #"{"product":["NIOCore","swift-nio",null,null]}"#,
      "Consent only computes and may not use NIOCore"
    ),
    (
      "Primitives", #"{"product":["Logging","swift-log",null,null]}"#,
      "Primitives only computes and may not use Logging"
    ),
    (
      "Web", #"{"product":["GRDB","GRDB.swift",null,{"platformNames":["linux"]}]}"#,
      "GRDB is not for Web"
    ),
    (
      "Storage", #"{"product":["Hummingbird","hummingbird",null,null]}"#,
      "Hummingbird is not for Storage"
    ),
  ])
  func aForbiddenEdgeIsFlagged(target: String, edge: String, fault: String) throws {
    #expect(ArrowRules.faults(in: try graph(adding: edge, to: target)).contains(fault))
  }

  @Test func aTargetWithoutAPlaceIsFlagged() throws {
    let stranger = PackageGraph.Target(name: "Helpers", isTest: false, modules: [], products: [])
    #expect(
      ArrowRules.faults(in: PackageGraph(targets: [stranger]))
        == ["Helpers has no place in the layers"])
  }

  @Test(arguments: [
    ("Web", "import Storage"),
    ("Web", "  public import Vault  // for a moment"),
    ("PeerNetwork", "@preconcurrency import GRDB"),
    ("PeerNetwork", "internal import struct Vault.RootKey"),
    ("FHIR", "import NIOCore"),
    ("Consent", "private import Hummingbird"),
    ("Exchange", "import AsyncHTTPClient"),
    ("Audit", "let now = Date()"),
    ("SecDocument", "let file = FileHandle(forReadingAtPath: path)"),
    ("Node", "@_exported import Vault"),
  ])
  func aForbiddenLineIsFlagged(module: String, line: String) {
    let source = ImportRules.Source(
      module: module, path: "\(module)/X.swift", text: "import Primitives\n\n\(line)\n")
    let faults = ImportRules.faults(in: source)
    #expect(faults.count == 1)
    #expect(faults.first?.hasPrefix("\(module)/X.swift:3: ") == true)
  }

  @Test(arguments: [
    ("Web", "import Exchange"),
    ("Web", "// import Storage would go round the door"),
    ("Storage", "import GRDB"),
    ("Node", "import Vault"),
    ("FHIR", "let importance = 1  // FileManager"),
    ("Vault", "import Crypto"),
  ])
  func anAllowedLineIsNot(module: String, line: String) {
    let source = ImportRules.Source(module: module, path: "X.swift", text: line)
    #expect(ImportRules.faults(in: source) == [])
  }

  /// A small package in the right order, as `dump-package` writes it, with one edge added.
  private func graph(adding edge: String? = nil, to target: String? = nil) throws -> PackageGraph {
    let edges: [(String, [String])] = [
      ("Primitives", []), ("FHIR", ["Primitives"]), ("Vault", ["Primitives"]),
      ("Consent", ["Primitives", "FHIR"]), ("Exchange", ["Consent", "Vault"]),
      ("Storage", ["Exchange"]), ("PeerNetwork", ["Exchange"]), ("Web", ["Exchange"]),
      ("Node", ["Exchange", "Storage", "PeerNetwork", "Web", "Vault"]),
    ]
    let targets = edges.map { name, uses in
      let dependencies =
        uses.map { #"{"byName":["\#($0)",null]}"# } + (name == target ? [edge ?? ""] : [])
      return #"{"name":"\#(name)","type":"regular","dependencies":["#
        + dependencies.joined(separator: ",") + "]}"
    }
    let dump = #"{"name":"fabricated","targets":["# + targets.joined(separator: ",") + "]}"
    return try PackageGraph(dump: Data(dump.utf8))
  }
}
