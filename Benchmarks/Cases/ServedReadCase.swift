import Foundation

/// Reads by id as clients make them, beside nginx with the same bytes: both over TLS 1.3 on connections
/// that stay open, asked by the same program on the same machine, in turns.
///
/// Ours are authenticated, decided about, decrypted, and in the log durably before they are answered.
struct ServedReadCase {
  /// Share of what nginx answers.
  static let target = 0.5
  /// Connections at once; the target is for the last.
  private static let connections = [1, 256, 64]
  /// All take turns, so that what else the machine does strikes both; medians count.
  private static let rounds = 3

  let served: ServedNode
  let span: Double

  func run() throws -> [Figure] {
    let server = try served.start()
    try served.read(from: server)
    let nginx = try Nginx(
      Dictionary(served.records.map { ($0.path, $0.json) }) { $1 },
      certificate: served.certificate, key: served.key, in: served.folder)
    defer { nginx.stop() }
    let bare = try BareServer(
      Dictionary(served.records.map { ($0.path, $0.json) }) { $1 },
      certificate: served.certificate, key: served.key)
    defer { try? bare.stop() }
    let generator = LoadGenerator(folder: served.folder)
    let paths = served.records.map(\.path)
    var figures: [Figure] = []
    for connections in Self.connections {
      var ours: [Turn] = []
      var theirs: [Turn] = []
      var least: [Turn] = []
      for _ in 0..<Self.rounds {
        ours.append(
          try turn(server.processID) {
            try generator.run(
              server.address, paths: paths, token: served.token, connections: connections,
              span: span)
          })
        theirs.append(
          try turn(nginx.processID) {
            try generator.run(nginx.address, paths: paths, connections: connections, span: span)
          })
        guard connections == Self.connections.last else { continue }
        least.append(
          try turn(ProcessInfo.processInfo.processIdentifier) {
            try generator.run(bare.address, paths: paths, connections: connections, span: span)
          })
      }
      figures.append(figure(connections, ours, theirs))
      if !least.isEmpty { figures.append(limit(connections, least, theirs)) }
    }
    try server.stop()
    return figures
  }

  private typealias Turn = (outcome: LoadGenerator.Outcome, processor: Double)

  private func turn(
    _ process: Int32, _ load: () throws -> LoadGenerator.Outcome
  ) throws -> Turn {
    let before = try ProcessStatus.processorSeconds(of: process)
    let outcome = try load()
    return (outcome, try ProcessStatus.processorSeconds(of: process) - before)
  }

  /// What is left when reading costs nothing.
  private func limit(_ connections: Int, _ least: [Turn], _ theirs: [Turn]) -> Figure {
    let rate = { (turns: [Turn]) in Samples(turns.map(\.outcome.rate)).quantile() }
    let processor = Samples(least.map { $0.processor / $0.outcome.requests }).quantile() * 1e6
    return Figure(
      name: "the same bytes from bare swift-nio", value: rate(least), unit: "reads/s",
      peer: Figure.Peer(name: "nginx, files", value: rate(theirs)),
      note: "TLS and HTTP by the libraries that we use, from memory, without anything else: "
        + "\(FigureTable.text(processor)) µs of processor each; nobody who serves with them is faster"
    )
  }

  private func figure(_ connections: Int, _ ours: [Turn], _ theirs: [Turn]) -> Figure {
    let rate = { (turns: [Turn]) in Samples(turns.map(\.outcome.rate)).quantile() }
    let text = { (turns: [Turn]) in
      let processor = Samples(turns.map { $0.processor / $0.outcome.requests }).quantile() * 1e6
      let median = Samples(turns.map(\.outcome.median)).quantile() * 1e3
      let slow = Samples(turns.map(\.outcome.slowestHundredth)).quantile() * 1e3
      return "p50 \(FigureTable.text(median)) ms, p99 \(FigureTable.text(slow)) ms, "
        + "\(FigureTable.text(processor)) µs of processor each"
    }
    let bytes = served.records.reduce(0) { $0 + $1.json.count } / served.records.count
    return Figure(
      name: "read by id over TLS, \(connections) at once", value: rate(ours), unit: "reads/s",
      target: connections == Self.connections.last
        ? Figure.atLeast(Self.target * rate(theirs)) : nil,
      peer: Figure.Peer(name: "nginx, files", value: rate(theirs)),
      note: "here: \(text(ours)); nginx: \(text(theirs)); "
        + "\(FigureTable.text(Double(bytes))) bytes, median of \(Self.rounds) turns")
  }
}
