import Crypto
import FoundationEssentials
import Primitives

/// Records in, content out; stops behind the last chunk of content.
struct OpeningWork<Source: SecSource, Sink: SecSink>: OrderedWork {
  struct Input: Sendable {
    var stream: StreamInput<Source>
    /// Records read so far.
    var nextIndex: UInt64 = 0
  }

  struct Output: Sendable {
    var sink: Sink
    var tree = ContentTree()
    var written: UInt64 = 0
  }

  struct Batch: PipelineBatch {
    let firstIndex: UInt64
    var records: [RecordHeader] = []
    var isLast = false
    var leaves: [SHA256Digest] = []
    var count = 0
  }

  /// Whole records in; content is put back into the same memory, so there is no output buffer.
  static var bufferSizes: (input: Int, output: Int) {
    (LaneBuffer.chunksPerBatch * SecFormat.fullRecordSize, 0)
  }

  let cipher: PayloadCipher

  func read(_ input: inout Input, _ buffer: LaneBuffer) throws -> Batch? {
    let filled = try input.stream.fill(buffer.input)
    var batch = Batch(firstIndex: input.nextIndex)
    var start = 0
    while !batch.isLast, filled - start >= SecFormat.recordHeaderSize {
      let body = start + SecFormat.recordHeaderSize
      let record = try RecordHeader(buffer.input[start..<body], index: input.nextIndex)
      guard record.kind != .manifest else {
        throw PeerChartError(
          .secRecord, "the content has no last chunk", place: "record \(input.nextIndex)")
      }
      guard filled - body >= record.sealedSize else { break }
      batch.records.append(record)
      batch.isLast = record.kind == .lastContent
      input.nextIndex += 1
      start = body + record.sealedSize
    }
    // A full buffer holds at least one whole record, so none means that the input has ended.
    guard !batch.records.isEmpty else { throw input.stream.truncated() }
    input.stream.putBack(UnsafeRawBufferPointer(rebasing: buffer.input[start..<filled]))
    return batch
  }

  func process(_ batch: inout Batch, _ buffer: LaneBuffer) throws {
    var start = 0
    for (offset, record) in batch.records.enumerated() {
      let body = start + SecFormat.recordHeaderSize
      let end = body + record.sealedSize
      let content = try cipher.open(
        UnsafeRawBufferPointer(rebasing: buffer.input[body..<end]), as: record.kind,
        index: batch.firstIndex + UInt64(offset))
      if !content.isEmpty { batch.leaves.append(content.withUnsafeBytes(ContentTree.leaf)) }
      // Content is shorter than its record, so this never reaches a record still to be opened.
      content.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: buffer.input[batch.count...]))
      batch.count += content.count
      start = end
    }
  }

  func write(_ batch: Batch, _ buffer: LaneBuffer, _ output: inout Output) throws {
    if batch.count > 0 {
      try output.sink.write(UnsafeRawBufferPointer(rebasing: buffer.input[..<batch.count]))
    }
    for leaf in batch.leaves { output.tree.append(leaf) }
    output.written += UInt64(batch.count)
  }
}
