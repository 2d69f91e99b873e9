/// The program as it is served: how soon it is ready on a full store, and what it takes when idle.
struct ServerCase {
  static let readyTarget = 0.5
  static let memoryTarget = 80.0
  private static let starts = 5

  let served: ServedNode

  func run() throws -> [Figure] {
    var ready = Samples()
    var memory = 0.0
    for number in 1...Self.starts {
      let server = try served.start()
      ready.add(server.secondsToReady)
      if number == Self.starts {
        try served.read(from: server)
        memory = try ProcessStatus.memory("VmRSS", of: server.processID)
      }
      try server.stop()
    }
    return [
      Figure(
        name: "start to ready", value: ready.quantile(), unit: "s",
        target: Figure.atMost(Self.readyTarget),
        note: "median of \(Self.starts); \(served.sizeText) resources stored"),
      Figure(
        name: "resident memory, idle after one read", value: memory / 1e6, unit: "MB",
        target: Figure.atMost(Self.memoryTarget)),
    ]
  }
}
