import Identity
import Node
import Primitives

/// The inbox as people load it: signed in, each with a session of their own, all at once. A page is the
/// session looked up, requests opened and sorted out, a template filled, all for one person alone.
struct PortalCase {
  /// Milliseconds within which 95 of 100 pages are there.
  static let target = 250.0
  /// People who load a page, each as soon as the last has come.
  private static let people = 50
  /// Requests that wait in each inbox.
  private static let requests = 3

  let folder: TemporaryFolder
  let span: Double

  func run() async throws -> [Figure] {
    let home = try await PeerChartNode.initialize(
      DataFolder(folder.file("home")), name: "Bench household", kind: .household, protection: .file)
    let hospital = try await PeerChartNode.initialize(
      DataFolder(folder.file("ward")), name: "Bench hospital", kind: .organization,
      protection: .file)
    let people = try await SignedInPeople(
      Self.people, requests: Self.requests, at: home, asked: hospital)
    await hospital.close()
    await home.close()
    let server = try RunningServer(try Programs.peerchart, dataFolder: home.folder.path)
    let outcome = try LoadGenerator(folder: folder).run(
      server.address, paths: people.cookies.map { _ in "/requests" }, cookies: people.cookies,
      connections: Self.people, span: span)
    let memory = try ProcessStatus.memory("VmRSS", of: server.processID)
    try server.stop()
    return [
      Figure(
        name: "inbox page, \(Self.people) people at once, 95th percentile",
        value: outcome.slowestTwentieth * 1e3, unit: "ms", target: Figure.atMost(Self.target),
        note: "\(FigureTable.text(outcome.rate)) pages/s, median "
          + "\(FigureTable.text(outcome.median * 1e3)) ms, "
          + "\(FigureTable.text(outcome.bytes / outcome.requests / 1e3)) kB each; "
          + "\(Self.people * Self.requests) requests on the node; "
          + "\(FigureTable.text(memory / 1e6)) MB resident afterwards")
    ]
  }
}
