/// The memory of one lane of a pipeline.
final class LaneBuffer {
  /// Lanes beyond the number of cores cost nothing: `concurrentPerform` does not start them.
  static let laneCount = 4
  /// Eight chunks: 512 KiB in and out a lane, so that four lanes stay below 5 MiB.
  static let chunksPerBatch = 8

  let input: UnsafeMutableRawBufferPointer
  let output: UnsafeMutableRawBufferPointer

  init(input: Int, output: Int) {
    self.input = .allocate(byteCount: input, alignment: 64)
    self.output = .allocate(byteCount: output, alignment: 64)
  }

  deinit {
    input.deallocate()
    output.deallocate()
  }
}
