import Primitives

extension AnchorRegistryCode {
  /// What a transaction carries that makes the contract.
  public static let creationBytes = Hex.decode(creation) ?? []

  /// What then stands on the chain: a registry is one if its code is this.
  public static let runtimeBytes = Array(creationBytes.dropFirst(runtimeStart).prefix(runtimeCount))
}
