import Exchange
import Primitives
public import TransparencyLog

/// A log at an address, as a monitor reads it.
public struct HTTPLogSource: LogSource {
  private let logs: HTTPLogs
  private let address: String

  /// - Parameter address: the log's prefix: `checkpoint` and `tile/…` are below it.
  public init(_ logs: HTTPLogs, at address: String) {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    self.logs = logs
    self.address = address
  }

  public func checkpoint() async throws -> [UInt8] {
    guard let bytes = try await read(.checkpoint) else {
      throw PeerChartError(.unreachable, "the log has no checkpoint yet", place: address)
    }
    return bytes
  }

  public func tile(_ tile: Tile) async throws -> [UInt8]? { try await read(.tile(path: tile.path)) }

  private func read(_ request: LogRequest) async throws -> [UInt8]? {
    let reply = try await logs.log(request, at: address)
    switch reply.status {
    case 200: return reply.body
    case 404, 410: return nil
    default:
      throw PeerChartError(.unreachable, "the log answers \(reply.status)", place: address)
    }
  }
}
