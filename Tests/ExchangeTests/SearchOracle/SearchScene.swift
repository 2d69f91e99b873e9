import Exchange
import Foundation
import Identity
import Primitives
import SearchOracle
import Testing

/// A node with material on it, and the same material as plaintext for the oracle.
final class SearchScene {
  let node: TestNode
  let oracle: SearchOracle
  /// Everything that the node keeps, in the order of a listing by its operator.
  private(set) var records: [OracleRecord] = []
  private(set) var bytes: [String: [UInt8]] = [:]

  init(_ node: TestNode, _ oracle: SearchOracle) {
    self.node = node
    self.oracle = oracle
  }

  var everything: OracleWorld { OracleWorld(records, oracle) }
  var patients: [String] { records.filter { $0.type == "Patient" }.map(\.id) }

  /// Stores files one after the other, a while apart. What the node refuses is left out.
  func load(_ files: [[UInt8]], unresolved: UnresolvedReferences = .keep) async throws {
    for file in files {
      _ = try await node.exchange.importJSON(
        file, unresolved: unresolved, as: node.owner, progress: { _ in })
      node.clock.advance(seconds: 37 * 60)
    }
    try await refresh()
  }

  /// Reads everything anew: as a listing of all types gives it, which must be all that an export gives.
  ///
  /// The order of this listing is the order that every answer without `_sort` must keep to.
  func refresh() async throws {
    var known = Dictionary(records.map { ($0.address, $0) }) { first, _ in first }
    var listed: [String: [UInt8]] = [:]
    var order: [String] = []
    var cursor: String?
    repeat {
      let page = try await node.exchange.search(
        SearchPlace(type: nil),
        query: [("_count", "1000")] + (cursor.map { [("_cursor", $0)] } ?? []), strict: true,
        as: node.owner)
      for resource in page.resources {
        let address = "\(resource.type)/\(resource.id)"
        #expect(listed.updateValue(resource.json, forKey: address) == nil, "listed twice")
        order.append(address)
      }
      cursor = page.next
    } while cursor != nil
    var exported: [String: [UInt8]] = [:]
    _ = try await node.exchange.export(.all, as: node.owner) { resources in
      for resource in resources { exported["\(resource.type)/\(resource.id)"] = resource.json }
    }
    #expect(exported == listed, "the listing is not what the node keeps")
    for (address, json) in listed where bytes[address] != json { known[address] = nil }
    bytes = listed
    records = order.map { known[$0] ?? OracleRecord(listed[$0] ?? []) }
  }

  /// What a caller can read, record by record.
  ///
  /// Reading asks for the same decision as searching and goes through nothing else of it: no index, no
  /// plan, no links, no cursor. (That decisions are right is shown by the oracle of Tests/ConsentTests.)
  /// So the grants here always open reading and searching together.
  func readable(by caller: Caller) async throws -> Set<String> {
    var found: Set<String> = []
    var rest = records.map(\.address)[...]
    while !rest.isEmpty {
      let some = rest.prefix(128)
      rest = rest.dropFirst(some.count)
      let exchange = node.exchange
      found.formUnion(
        await withTaskGroup(of: String?.self) { group in
          for address in some {
            group.addTask {
              let parts = address.split(separator: "/").map(String.init)
              let read = try? await exchange.read(parts[0], id: parts[1], as: caller)
              return read == nil ? nil : address
            }
          }
          return await group.reduce(into: Set<String>()) { found, address in
            if let address { found.insert(address) }
          }
        })
    }
    return found
  }

  /// What is left of everything for a caller.
  func world(of readable: Set<String>, where isOpen: (String) -> Bool = { _ in true })
    -> OracleWorld
  {
    OracleWorld(records.filter { readable.contains($0.address) && isOpen($0.type) }, oracle)
  }
}
