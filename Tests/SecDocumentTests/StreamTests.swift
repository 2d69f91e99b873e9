import Primitives
import SecDocument
import Testing

@Suite struct StreamTests {
  private static let megabytes = 24 * 1_048_576

  private func seal(
    _ source: some SecSource, to sink: inout some SecSink
  ) throws -> SealedDocument {
    try SecWriter.seal(
      source, to: &sink, draft: TestKeys.draft(), recipients: [TestKeys.recipient(.x25519)],
      signer: TestKeys.signer())
  }

  @Test func sealingNeedsConstantMemory() throws {
    let meter = StreamMeter()
    var sink = MeteredSink(meter: meter)
    _ = try seal(MadeUpSource(count: Self.megabytes, piece: 100_000, meter: meter), to: &sink)
    #expect(meter.taken == Self.megabytes)
    #expect(meter.largestGap < 8 * 1_048_576)
  }

  @Test func openingNeedsConstantMemory() throws {
    var file = SecBytesSink()
    let source = MadeUpSource(count: Self.megabytes, piece: .max, meter: StreamMeter())
    _ = try seal(source, to: &file)
    let meter = StreamMeter()
    var sink = MeteredSink(meter: meter)
    let metered = PiecewiseSource(file.bytes, seed: 1, meter: meter)
    let document = try SecReader.open(metered, with: [TestKeys.identity(.x25519)], to: &sink)
    #expect(document.manifest.contentLength == UInt64(Self.megabytes))
    #expect(meter.largestGap < 8 * 1_048_576)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func piecesOfAnySizeMakeNoDifference(seed: UInt64) throws {
    let random = SeededRandom(seed: seed)
    let content = random.bytes(random.below(700_000))
    var file = SecBytesSink()
    _ = try seal(PiecewiseSource(content, seed: seed, meter: StreamMeter()), to: &file)
    var output = SecBytesSink()
    _ = try SecReader.open(
      PiecewiseSource(file.bytes, seed: seed &+ 1, meter: StreamMeter()),
      with: [TestKeys.identity(.x25519)], to: &output)
    #expect(output.bytes == content, "seed \(seed)")
  }

  @Test func aFailingSourceOrSinkIsReported() throws {
    for place in [0, 70_000, 3_000_000] {
      var sink = SecBytesSink()
      let source = MadeUpSource(
        count: 4_000_000, piece: 50_000, meter: StreamMeter(), failAt: place)
      #expect(code { _ = try seal(source, to: &sink) } == "storage")
      var full = MeteredSink(meter: StreamMeter(), room: place)
      let whole = MadeUpSource(count: 4_000_000, piece: 50_000, meter: StreamMeter())
      #expect(code { _ = try seal(whole, to: &full) } == "storage")
    }
    #expect(
      code {
        var sink = SecBytesSink()
        _ = try seal(LyingSource(), to: &sink)
      } == "invalid")
  }

  @Test func aFailingSinkStopsOpening() throws {
    let file = try SecWriter.seal(
      [UInt8](repeating: 1, count: 3_000_000), draft: TestKeys.draft(),
      recipients: [TestKeys.recipient(.x25519)], signer: TestKeys.signer()
    ).bytes
    var sink = MeteredSink(meter: StreamMeter(), room: 1_000_000)
    #expect(
      code {
        _ = try SecReader.open(
          SecBytesSource(file), with: [TestKeys.identity(.x25519)], to: &sink)
      } == "storage")
  }

  @Test func theEarliestFaultIsReported() throws {
    var file = try SecWriter.seal(
      [UInt8](repeating: 1, count: 6_000_000), draft: TestKeys.draft(),
      recipients: [TestKeys.recipient(.x25519)], signer: TestKeys.signer()
    ).bytes
    // One fault in record 5, one in each later batch.
    for record in [5, 20, 40, 60, 80] { file[141 + record * 65_556 + 1000] ^= 1 }
    for _ in 0..<20 {
      do {
        try open(file, TestKeys.identity(.x25519))
        Issue.record("a changed document opened")
      } catch let error as PeerChartError {
        #expect(error.place == "record 5")
      }
    }
  }
}

/// Hands out `bytes` in pieces of random sizes.
private struct PiecewiseSource: SecSource {
  private var remaining: ArraySlice<UInt8>
  private let random: SeededRandom
  private let meter: StreamMeter

  init(_ bytes: [UInt8], seed: UInt64, meter: StreamMeter) {
    remaining = bytes[...]
    random = SeededRandom(seed: seed)
    self.meter = meter
  }

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let limit = random.below(3) == 0 ? 1 + random.below(9) : 1 + random.below(200_000)
    let part = remaining.prefix(min(limit, buffer.count))
    buffer.copyBytes(from: part)
    remaining = remaining.dropFirst(part.count)
    meter.took(part.count)
    return part.count
  }
}

/// Claims more than fits.
private struct LyingSource: SecSource {
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int { buffer.count + 1 }
}
