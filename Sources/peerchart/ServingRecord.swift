import Foundation
import Identity
import Node
import Web

/// Where this node is served, kept in the data folder as long as it is, so that `peer invite` can tell
/// others the address without being told.
struct ServingRecord: Codable, Equatable {
  private(set) var addresses: [String]

  init(_ addresses: [ListenAddress]) { self.addresses = addresses.map(\.description) }

  private static func file(in folder: DataFolder) -> URL {
    URL(fileURLWithPath: folder.path + "/serving.json")
  }

  /// That it cannot be kept only means that somebody must type an address.
  func save(in folder: DataFolder) {
    guard let data = try? JSONEncoder().encode(self) else { return }
    try? data.write(to: Self.file(in: folder), options: .atomic)
  }

  /// Takes the record away when serving ends, unless another process serves the folder by now.
  func remove(from folder: DataFolder) {
    guard Self.load(Self.file(in: folder)) == self else { return }
    try? FileManager.default.removeItem(at: Self.file(in: folder))
  }

  private static func load(_ file: URL) -> ServingRecord? {
    guard let data = try? Data(contentsOf: file) else { return nil }
    return try? JSONDecoder().decode(ServingRecord.self, from: data)
  }

  /// The addresses under which others reach the node: at most as many as an invitation holds. None if
  /// it is not served, or on every interface without a name that it is known by.
  static func addresses(of node: PeerChartNode) -> [NodeAddress] {
    guard let record = load(file(in: node.folder)) else { return [] }
    let found = record.addresses.flatMap { text -> [NodeAddress] in
      guard let address = try? ListenAddress(text), let port = UInt16(exactly: address.port) else {
        return []
      }
      guard ["0.0.0.0", "::"].contains(address.host) else {
        return NodeAddress(text).map { [$0] } ?? []
      }
      return node.hosts.compactMap { NodeAddress(host: $0, port: port) }
    }
    return Array(found.prefix(Invitation.maximumAddresses))
  }
}
