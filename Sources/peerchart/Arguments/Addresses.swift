import ArgumentParser
import Identity
import PeerNetwork
import Primitives
import Web

extension NodeAddress {
  /// `host:port`, at which another node reaches this one.
  init(argument text: String) throws {
    guard let address = NodeAddress(text) else {
      throw ValidationError("an address is written HOST:PORT, not '\(text)'")
    }
    self = address
  }
}

extension ListenAddress {
  /// `host:port` to listen on.
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw ValidationError("\(error.reason), not '\(text)'") }
  }
}

extension ImportAddress {
  /// A server to import from.
  init(argument text: String) throws {
    do { try self.init(text) } catch { throw ValidationError("\(error.reason), not '\(text)'") }
  }
}

extension HostName {
  /// A host name or address for the certificate.
  init(argument text: String) throws {
    guard let name = HostName(text) else {
      throw ValidationError("'\(text)' is neither a host name nor an IP address")
    }
    self = name
  }
}
