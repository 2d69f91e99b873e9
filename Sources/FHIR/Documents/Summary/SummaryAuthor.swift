/// The node that makes a summary: its software is the author, its organization the custodian.
public struct SummaryAuthor: Sendable {
  /// What the node calls itself.
  public let name: String
  /// Its identifier, in the system `urn:peerchart:node`.
  public let node: String

  /// The author of a summary.
  public init(name: String, node: String) {
    self.name = name
    self.node = node
  }

  static let software = "PeerChart"

  private var identifier: JSONTree {
    ["system": "urn:peerchart:node", "value": .string(node)]
  }

  func organization(id: String) -> [UInt8] {
    JSONTree.object([
      ("resourceType", "Organization"), ("id", .string(id)),
      ("identifier", .array([identifier])), ("name", .string(name)),
    ]).serialized()
  }

  func device(id: String, owner: String) -> [UInt8] {
    JSONTree.object([
      ("resourceType", "Device"), ("id", .string(id)),
      ("identifier", .array([identifier])),
      (
        "deviceName",
        [["name": .string(Self.software), "type": "manufacturer-name"]]
      ),
      ("owner", ["reference": .string(owner)]),
    ]).serialized()
  }
}
