import Crypto
import Primitives

/// Content in, records out.
struct SealingWork<Source: SecSource, Sink: SecSink>: OrderedWork {
  struct Input: Sendable {
    var stream: StreamInput<Source>
    /// The first byte of the next chunk: read ahead, because only what follows shows whether a
    /// full chunk is the last.
    var ahead: UInt8?
    var nextIndex: UInt64 = 0
  }

  struct Output: Sendable {
    var sink: Sink
    var tree = ContentTree()
    var written: UInt64 = 0
    var recordCount: UInt64 = 0
  }

  struct Batch: PipelineBatch {
    let firstIndex: UInt64
    let count: Int
    let isLast: Bool
    var leaves: [SHA256Digest] = []
    var sealedCount = 0
  }

  static var capacity: Int { LaneBuffer.chunksPerBatch * SecFormat.chunkSize }
  static var bufferSizes: (input: Int, output: Int) {
    (capacity + 1, LaneBuffer.chunksPerBatch * SecFormat.fullRecordSize)
  }

  let cipher: PayloadCipher

  func read(_ input: inout Input, _ buffer: LaneBuffer) throws -> Batch? {
    var filled = 0
    if let ahead = input.ahead {
      buffer.input[0] = ahead
      filled = 1
    }
    filled += try input.stream.fill(
      UnsafeMutableRawBufferPointer(rebasing: buffer.input[filled...]))
    guard input.stream.position <= SecFormat.contentLimit else {
      throw PeerChartError(.secTooLarge, "a document holds at most 256 TiB")
    }
    let isLast = filled <= Self.capacity
    input.ahead = isLast ? nil : buffer.input[Self.capacity]
    defer { input.nextIndex += UInt64(LaneBuffer.chunksPerBatch) }
    return Batch(firstIndex: input.nextIndex, count: min(filled, Self.capacity), isLast: isLast)
  }

  func process(_ batch: inout Batch, _ buffer: LaneBuffer) throws {
    var start = 0
    var index = batch.firstIndex
    repeat {
      let end = min(start + SecFormat.chunkSize, batch.count)
      let chunk = UnsafeRawBufferPointer(rebasing: buffer.input[start..<end])
      let kind: RecordKind = batch.isLast && end == batch.count ? .lastContent : .content
      if !chunk.isEmpty { batch.leaves.append(ContentTree.leaf(chunk)) }
      batch.sealedCount += try cipher.seal(
        chunk, as: kind, index: index,
        into: UnsafeMutableRawBufferPointer(rebasing: buffer.output[batch.sealedCount...]))
      start = end
      index += 1
    } while start < batch.count
  }

  func write(_ batch: Batch, _ buffer: LaneBuffer, _ output: inout Output) throws {
    try output.sink.write(UnsafeRawBufferPointer(rebasing: buffer.output[..<batch.sealedCount]))
    for leaf in batch.leaves { output.tree.append(leaf) }
    output.written += UInt64(batch.sealedCount)
    output.recordCount += UInt64(max(1, batch.leaves.count))
  }
}
