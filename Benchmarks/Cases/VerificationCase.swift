import Exchange
import Identity
import Node
import Primitives
import SecDocument

/// Verifying a document of a megabyte without asking anybody: opening, every signature, its place in the
/// issuer's log, and the entry that says so in the reader's own.
struct VerificationCase {
  private static let bytes = 1 << 20
  /// Milliseconds.
  private static let target = 20.0

  let folder: TemporaryFolder
  let span: Double

  func run() async throws -> [Figure] {
    let node = try await PeerChartNode.initialize(
      DataFolder(folder.file("verifying")), name: "Benchmark", kind: .organization,
      protection: .file)
    let figures: [Figure]
    do {
      figures = try await measure(node.exchange)
    } catch {
      await node.close()
      throw error
    }
    await node.close()
    return figures
  }

  private func measure(_ exchange: Exchange) async throws -> [Figure] {
    var sink = SecBytesSink()
    _ = try await exchange.issue(
      SecBytesSource(SystemRandom().bytes(Self.bytes)), to: &sink,
      draft: SecDraft(mediaType: "application/pdf", created: SystemClock().now()),
      recipients: [.node(nil)], patient: nil, as: exchange.nodeOperator())
    let document = sink.bytes
    let samples = try await collect { () -> Bool in
      try await exchange.verify(
        document: { SecBytesSource(document) }, passphrase: nil, as: exchange.nodeOperator()
      ).isVerified
    }
    return [
      Figure(
        name: "sec verify, 1 MiB", value: samples.quantile() * 1e3, unit: "ms",
        target: Figure.atMost(Self.target),
        note: "opened, signatures, log, own status, entry durable; "
          + "99 % within \(FigureTable.text(samples.quantile(0.99) * 1e3)) ms")
    ]
  }

  private func collect(_ body: () async throws -> Bool) async throws -> Samples {
    var samples = Samples()
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    while clock.now < end {
      let start = clock.now
      guard try await body() else { throw BenchFailure("the document does not verify") }
      samples.add((clock.now - start).seconds)
    }
    return samples
  }
}
