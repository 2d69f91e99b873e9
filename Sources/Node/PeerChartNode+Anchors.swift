import Exchange
public import Logging
public import PeerNetwork

extension PeerChartNode {
  /// The way to chains, calendars and authorities. Shut it down when done.
  public func makeAnchorTransport(logger: Logger) -> HTTPAnchorTransport {
    HTTPAnchorTransport(logger: logger)
  }

  /// What makes anchors when they are due, and follows them until they are final.
  func anchorWorker(_ transport: HTTPAnchorTransport, logger: Logger) -> BackgroundWorker {
    BackgroundWorker("the anchors of the log", logger: logger) { [exchange] in
      try await exchange.workOnAnchors(using: transport)
    }
  }
}
